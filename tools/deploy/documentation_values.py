"""Finds documentation values: placeholders of the shipped stack files."""

import re
from collections.abc import Iterator
from typing import cast

from settings import Problem

_DOCUMENTATION = re.compile(
    r"(?<![\w.])(192\.0\.2|198\.51\.100|203\.0\.113)\.[0-9]+(?!\.?\w)"  # networks: RFC 5737
    r"|(?<![\w-])example\.(com|net|org)(?!\.?[\w-])"  # domains: RFC 2606
    r"|(?<![0-9A-Za-z])(123456789012|Z0123456789ABCDEFGHIJ)(?![0-9A-Za-z])",  # account, zone
    re.ASCII | re.IGNORECASE,
)


def documentation_values(value: object, key: str = "") -> Iterator[Problem]:
    """Yields a problem for each documentation value in a config, or in the part at `key`."""
    if isinstance(value, dict):
        for name, item in cast("dict[str, object]", value).items():
            yield from documentation_values(item, f"{key}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for i, item in enumerate(cast("list[object]", value)):
            yield from documentation_values(item, f"{key}[{i}]")
    elif found := _DOCUMENTATION.search(str(value)):
        message = f"{found[0]} is a documentation value; write your own value"
        yield Problem(key=key, value=value, message=message)
