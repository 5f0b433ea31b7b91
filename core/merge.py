"""Merges nested mappings."""

from collections.abc import Mapping
from typing import cast


def merged(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Returns `base` with the values of `over`.

    Mappings are merged key by key; lists and plain values of `over` replace those of `base`.
    """
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = merged(cast("Mapping[str, object]", old), cast("Mapping[str, object]", value))
        result[key] = value
    return result
