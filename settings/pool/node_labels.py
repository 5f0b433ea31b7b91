"""Labels and taints of a pool's nodes, within what both Kubernetes and EKS take.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse

_MOST = 63
"""Characters of a key, its prefix included, and of a value: EKS takes no more."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PART = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_PREFIX = re.compile(rf"{_PART}(?:\.{_PART})*")
_RESERVED = ("eks.amazonaws.com", "kubernetes.io", "k8s.io", "ha-eks")
"""Prefixes that Kubernetes, EKS and this program write themselves, as are those below them."""


def _key(value: str) -> str:
    prefix, slash, name = value.rpartition("/")
    if len(value) > _MOST or not _NAME.fullmatch(name) or (slash and not _PREFIX.fullmatch(prefix)):
        raise refuse(
            f"a key such as team or example.com/team: A-Z, a-z, 0-9, -, _ and . between letters "
            f"or digits, at most {_MOST} characters"
        )
    for reserved in _RESERVED:
        if prefix == reserved or prefix.endswith(f".{reserved}"):
            raise refuse(f"a key without the prefix {reserved}/, which is reserved")
    return value


def _value(value: str) -> str:
    if len(value) > _MOST or not _NAME.fullmatch(value):
        raise refuse(
            f"A-Z, a-z, 0-9, -, _ and . between letters or digits, 1 to {_MOST} characters"
        )
    return value


def _value_or_none(value: str) -> str:
    return _value(value) if value else value


LabelKey = Annotated[str, AfterValidator(_key)]
"""Key of a label or taint."""
LabelValue = Annotated[str, AfterValidator(_value)]
"""Value of a label, 1 to 63 characters: EKS takes no empty one."""


class Taint(Section):
    """Keeps pods off the pool's nodes that do not tolerate it."""

    key: LabelKey
    value: Annotated[str, AfterValidator(_value_or_none)] = ""
    effect: Literal["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"] = "NO_SCHEDULE"


def _apart(taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
    pairs = [(taint.key, taint.effect) for taint in taints]
    repeated = sorted({" ".join(pair) for pair in pairs if pairs.count(pair) > 1})
    if repeated:
        raise refuse(f"each key once an effect ({', '.join(repeated)} is there more than once)")
    return taints


Taints = Annotated[tuple[Taint, ...], Field(max_length=50), AfterValidator(_apart)]
"""Taints, at most 50 in a managed node group, no two of one key and effect."""
