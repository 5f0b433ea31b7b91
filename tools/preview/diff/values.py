"""Differences between the inputs of a resource before and after a change."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

Json = Mapping[str, Any]  # Any: JSON of any shape

_IDENTIFIERS = ("name", "key", "Name", "Sid", "id")
"""Keys that identify the mappings of a list, such as the containers of a pod."""


class Absent:
    """The value of a key that one side does not have."""


ABSENT: Final = Absent()


@dataclass(frozen=True, kw_only=True)
class Change:
    """An input that differs."""

    path: str
    """Path in the inputs, such as spec.template.spec.containers[web].image."""
    old: object
    """Value before the change, or ABSENT."""
    new: object
    """Value after the change, or ABSENT."""


def changes(old: object, new: object, path: str = "") -> list[Change]:
    """Returns the differences between two values; none if they are the same JSON.

    Lists of named mappings are compared by name, lists of different scalars as sets, and other
    lists without their common beginning and end. Texts that are JSON, such as policies, are
    compared as values.
    """
    if canonical(old) == canonical(new):
        return []
    return [*_inside(old, new, path)] or [_reordered(old, new, path)]


def canonical(value: object) -> object:
    """Returns a value that is equal for the same JSON only: 1 and true differ."""
    if isinstance(value, Absent):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def below(path: str, prefix: str) -> bool:
    """True if a path is `prefix` or a part of its value."""
    return path == prefix or path.startswith((f"{prefix}.", f"{prefix}["))


def _inside(old: object, new: object, path: str) -> Iterator[Change]:
    if isinstance(old, str) and isinstance(new, str):
        parsed = _parsed(old), _parsed(new)
        if all(isinstance(each, Mapping | list) for each in parsed):
            yield from _inside(*parsed, path)
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _in_mappings(
            cast("Mapping[str, object]", old), cast("Mapping[str, object]", new), path
        )
    elif isinstance(old, list) and isinstance(new, list):
        yield from _in_lists(cast("list[object]", old), cast("list[object]", new), path)


def _reordered(old: object, new: object, path: str) -> Change:
    """Returns the change of values that have no different parts: scalars, texts whose format
    differs, and lists whose order differs, which are shown by the names of their items."""
    former, later = (_names(each) for each in (old, new))
    if not former or not later:
        return Change(path=path, old=old, new=new)
    moved = [number for number, (a, b) in enumerate(zip(former, later, strict=True)) if a != b]
    start, end = moved[0], moved[-1] + 1
    return Change(path=f"{path} (order)", old=former[start:end], new=later[start:end])


def _names(value: object) -> list[str]:
    """Returns the names of the items of a list; none if they have no unique names."""
    return [*(_by_name(cast("list[object]", value)) or {})] if isinstance(value, list) else []


def _in_mappings(
    old: Mapping[str, object], new: Mapping[str, object], path: str
) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        yield from changes(old.get(key, ABSENT), new.get(key, ABSENT), _joined(path, key))


def _in_lists(old: Sequence[object], new: Sequence[object], path: str) -> Iterator[Change]:
    former, later = _by_name(old), _by_name(new)
    if former is not None and later is not None:
        for name in dict.fromkeys((*former, *later)):
            yield from changes(former.get(name, ABSENT), later.get(name, ABSENT), f"{path}[{name}]")
        return
    positions = _positions(old), _positions(new)
    if all(each is not None for each in positions):
        yield from _in_sets(*cast("tuple[_Positions, _Positions]", positions), path)
        return
    same = [canonical(a) == canonical(b) for a, b in zip(old, new, strict=False)]
    start = next((number for number, equal in enumerate(same) if not equal), len(same))
    rest = min(len(old), len(new)) - start
    ends = zip(old[::-1][:rest], new[::-1][:rest], strict=True)
    end = next((n for n, (a, b) in enumerate(ends) if canonical(a) != canonical(b)), rest)
    for number in range(start, max(len(old), len(new)) - end):
        a, b = (each[number] if number < len(each) - end else ABSENT for each in (old, new))
        yield from changes(a, b, f"{path}[{number}]")


_Positions = Mapping[object, tuple[int, object]]


def _positions(items: Sequence[object]) -> _Positions | None:
    """Returns index and value of different scalars; None for another list."""
    found = {canonical(each): (number, each) for number, each in enumerate(items)}
    scalars = not any(isinstance(each, Mapping | list) for each in items)
    return found if scalars and len(found) == len(items) else None


def _in_sets(old: _Positions, new: _Positions, path: str) -> Iterator[Change]:
    """Yields the items that only one side has; items at the same index are one change."""
    removed = dict(value for key, value in old.items() if key not in new)
    added = dict(value for key, value in new.items() if key not in old)
    for number in sorted({*removed, *added}):
        yield Change(
            path=f"{path}[{number}]",
            old=removed.get(number, ABSENT),
            new=added.get(number, ABSENT),
        )


def _by_name(items: Sequence[object]) -> Mapping[str, object] | None:
    """Returns the mappings of a list by their names; None if they have no unique names."""
    if not all(isinstance(each, Mapping) for each in items):
        return None
    mappings = cast("Sequence[Mapping[str, object]]", items)
    for key in _IDENTIFIERS:
        found = {str(each[key]): each for each in mappings if isinstance(each.get(key), str)}
        if len(found) == len(items):
            return found
    return None


def _joined(path: str, key: str) -> str:
    """Returns the path of a key; a key with dots is in brackets."""
    if "." in key or "[" in key:
        return f'{path}["{key}"]'
    return f"{path}.{key}".removeprefix(".")


def _parsed(text: str) -> object:
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
