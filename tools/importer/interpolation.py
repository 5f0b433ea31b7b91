"""Variables in a compose file: `${NAME:-default}`.

https://docs.docker.com/reference/compose-file/interpolation/
"""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar, cast

_T = TypeVar("_T")

_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?:(?P<kind>:?[-?+])(?P<rest>(?:[^{}]|\{[^{}]*\})*))?\})"
)
_MISSING = re.compile("\0([^\0]+)\0")


def interpolated(value: object) -> object:
    """Returns a value of a compose file with the defaults of its variables, and with a mark for
    each variable without one."""
    return _changed(value, lambda text: _VARIABLE.sub(_replacement, text))


def missing(value: str) -> list[str]:
    """Returns the names of the variables in a text that have no default."""
    return _MISSING.findall(value)


def unresolved(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yields the path of each text in a value that has variables without a default, and the name of
    the first one."""
    if isinstance(value, str):
        yield from ((key, name) for name in missing(value)[:1])
    elif isinstance(value, list):
        for index, each in enumerate(cast("list[object]", value)):
            yield from unresolved(each, f"{key}[{index}]")
    elif isinstance(value, dict):
        for name, each in cast("dict[str, object]", value).items():
            yield from unresolved(each, f"{key}.{name}".removeprefix("."))


def as_written(value: _T) -> _T:
    """Returns a value with `${NAME}` in place of each variable that has no default."""
    return cast("_T", _changed(value, lambda text: _MISSING.sub(r"${\1}", text)))


def _changed(value: object, change: Callable[[str], str]) -> object:
    """Returns a value with a change of each text in it."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed(each, change) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _changed(v, change) for key, v in cast("dict[str, object]", value).items()}
    return value


def _replacement(match: re.Match[str]) -> str:
    if match["dollar"]:
        return "$"
    if match["kind"] in ("-", ":-"):
        return _VARIABLE.sub(_replacement, match["rest"])
    return f"\0{match['plain'] or match['name']}\0"
