"""Variables in a compose file: `${NAME:-default}`.

https://docs.docker.com/reference/compose-file/interpolation/
"""

import re
from typing import cast

_VARIABLE = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?:(?P<kind>:?[-?+])(?P<rest>[^}]*))?\})"
)
_MISSING = re.compile("\0([^\0]+)\0")


def interpolated(value: object) -> object:
    """Returns a value of a compose file with the defaults of its variables, and with a mark for
    each variable without one."""
    if isinstance(value, str):
        return _VARIABLE.sub(_replacement, value)
    if isinstance(value, list):
        return [interpolated(each) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {k: interpolated(v) for k, v in cast("dict[str, object]", value).items()}
    return value


def missing(value: str) -> list[str]:
    """Returns the names of the variables in a text that have no default."""
    return _MISSING.findall(value)


def _replacement(match: re.Match[str]) -> str:
    if match["dollar"]:
        return "$"
    if match["kind"] in ("-", ":-"):
        return str(match["rest"])
    return f"\0{match['plain'] or match['name']}\0"
