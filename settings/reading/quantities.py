"""Kubernetes quantities of CPU and memory in the stack file."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from settings.reading.section import refuse

_CPU = re.compile(r"[1-9][0-9]{0,5}m|[1-9][0-9]{0,2}|[1-9]?[0-9]\.[0-9]{1,3}")
_BYTES = re.compile(r"[1-9][0-9]{0,5}(?:Mi|Gi)")


MIN_MEMORY = 6
"""MiB of memory that runc, the container runtime of the nodes, needs to start a container.
https://github.com/moby/moby/pull/41168 and https://github.com/opencontainers/runc/issues/4021"""


def _cpu(value: object) -> str:
    if not isinstance(value, str) or not _CPU.fullmatch(value) or not value.strip("0."):
        raise refuse('must be a CPU quantity such as 250m, "1" or "0.5" (numbers in quotes)')
    return value


def _bytes(value: object) -> str:
    if not isinstance(value, str) or not _BYTES.fullmatch(value):
        raise refuse("must be a size such as 128Mi or 2Gi")
    return value


def _memory(value: str) -> str:
    if mebibytes(value) < MIN_MEMORY:
        raise refuse(
            f"must be at least {MIN_MEMORY}Mi: the memory limit is the same value, and the "
            "container runtime starts no container with less"
        )
    return value


Cpu = Annotated[str, BeforeValidator(_cpu)]
"""A CPU quantity, such as 250m, "1" or "0.5"."""
Bytes = Annotated[str, BeforeValidator(_bytes)]
"""A size of memory or disk in Mi or Gi."""
Memory = Annotated[Bytes, AfterValidator(_memory)]
"""Memory of a container in Mi or Gi, at least MIN_MEMORY."""


def millicores(cpu: str) -> int:
    """Returns a CPU quantity in millicores."""
    return int(cpu[:-1]) if cpu.endswith("m") else int(Decimal(cpu) * 1000)


def mebibytes(size: str) -> int:
    """Returns a size in MiB."""
    return int(size[:-2]) * (1024 if size.endswith("Gi") else 1)
