"""Plain data merged over other plain data."""

from collections.abc import Mapping
from typing import cast


def merged(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """`base` with `over` over it, mapping by mapping; anything else takes the other's place."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            value = merged(cast("Mapping[str, object]", below), cast("Mapping[str, object]", value))
        result[key] = value
    return result
