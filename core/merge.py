"""Merges nested mappings.

`merged` keeps nulls: Helm reads them. `overridden` reads a null as the removal of a key.
"""

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


def overridden(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Returns `base` with the values of `over`, in which a null removes a key of `base`.

    Mappings are merged key by key; lists and plain values of `over` replace those of `base`. A null
    at a key that `base` does not have remains.
    """
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if value is None and key in base:
            del result[key]
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = overridden(
                cast("Mapping[str, object]", old), cast("Mapping[str, object]", value)
            )
        else:
            result[key] = value
    return result
