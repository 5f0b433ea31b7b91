"""Quantities of manifests in the units of the stack file.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

import re
from decimal import Decimal
from math import ceil

from settings.reading.quantities import MIN_MEMORY, mebibytes

_QUANTITY = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<unit>[A-Za-z]*)")
_BINARY = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4}
_DECIMAL = {"m": Decimal("0.001"), "": 1, "k": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_COMPOSE = {
    **{"": 1, "b": 1},
    **{
        f"{unit}{suffix}": 1024**power
        for power, unit in enumerate("kmg", 1)
        for suffix in ("", "b")
    },
}
_MEBIBYTE = 1024**2
_AS_IT_IS = re.compile(r"[1-9][0-9]{0,5}(?:Mi|Gi)")


def cpu(text: str) -> str | None:
    """Returns a CPU quantity such as 250m or 2; None if the text is no quantity above 0."""
    match = _QUANTITY.fullmatch(text)
    if not match or match["unit"] not in ("", "m"):
        return None
    scale = 1 if match["unit"] else 1000
    millicores = ceil(Decimal(match["number"]) * scale)
    if millicores <= 0:
        return None
    return str(millicores // 1000) if millicores % 1000 == 0 else f"{millicores}m"


def size(text: str) -> str | None:
    """Returns a size in Mi or Gi, rounded up; None if the text is no quantity above 0."""
    if _AS_IT_IS.fullmatch(text):
        return text
    match = _QUANTITY.fullmatch(text)
    units = {**_BINARY, **_DECIMAL}
    if not match or match["unit"] not in units:
        return None
    return _size(Decimal(match["number"]) * units[match["unit"]])


def compose_size(text: str) -> str | None:
    """Returns a size of a compose file, such as 512m or 1gb, in Mi or Gi.

    https://docs.docker.com/reference/compose-file/extension/#specifying-byte-values
    """
    match = _QUANTITY.fullmatch(text)
    if not match or match["unit"].lower() not in _COMPOSE:
        return None
    return _size(Decimal(match["number"]) * _COMPOSE[match["unit"].lower()])


def at_least_minimum(memory: str) -> str:
    """Returns a memory size, but at least what the container runtime needs."""
    return memory if mebibytes(memory) >= MIN_MEMORY else f"{MIN_MEMORY}Mi"


def seconds(text: str) -> int | None:
    """Returns a duration of a compose file, such as 1m30s or 500ms, in seconds, rounded up.

    https://docs.docker.com/reference/compose-file/extension/#specifying-durations
    """
    parts = re.findall(r"([0-9]+(?:\.[0-9]+)?)(us|ms|s|m|h)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    scale = {"us": Decimal("1e-6"), "ms": Decimal("1e-3"), "s": 1, "m": 60, "h": 3600}
    return ceil(sum(Decimal(number) * scale[unit] for number, unit in parts))


def _size(number: Decimal) -> str | None:
    if number <= 0:
        return None
    whole = ceil(number / _MEBIBYTE)
    return f"{whole // 1024}Gi" if whole % 1024 == 0 else f"{whole}Mi"
