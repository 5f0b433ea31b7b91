"""`ha-eks:pools.*.labels` and `.taints`: values that both Kubernetes and EKS allow.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
https://docs.aws.amazon.com/eks/latest/APIReference/API_Taint.html
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse

_MAX_LENGTH = 63
"""Maximum characters of a key with its prefix, and of a value, in EKS."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PART = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_PREFIX = re.compile(rf"{_PART}(?:\.{_PART})*")
_RESERVED = ("eks.amazonaws.com", "kubernetes.io", "k8s.io", "ha-eks")
"""Prefixes that Kubernetes, EKS and this program use; their subdomains are reserved too."""


def _key(value: str) -> str:
    prefix, slash, name = value.rpartition("/")
    if (
        len(value) > _MAX_LENGTH
        or not _NAME.fullmatch(name)
        or (slash and not _PREFIX.fullmatch(prefix))
    ):
        raise refuse(
            "must be a key such as team or example.com/team: letters, digits, -, _ and ., "
            f"beginning and ending with a letter or digit, at most {_MAX_LENGTH} characters"
        )
    for reserved in _RESERVED:
        if prefix == reserved or prefix.endswith(f".{reserved}"):
            raise refuse(f"the prefix {reserved}/ is reserved; write a key with another prefix")
    return value


def _value(value: str) -> str:
    if len(value) > _MAX_LENGTH or not _NAME.fullmatch(value):
        raise refuse(
            "must be letters, digits, -, _ and ., beginning and ending with a letter or digit, "
            f"1 to {_MAX_LENGTH} characters"
        )
    return value


def _value_or_empty(value: str) -> str:
    return _value(value) if value else value


LabelKey = Annotated[str, AfterValidator(_key)]
"""Key of a label or taint, at most 63 characters, with an optional prefix: `example.com/team`."""
LabelValue = Annotated[str, AfterValidator(_value)]
"""Value of a label, 1 to 63 characters. EKS does not allow an empty value."""


class Taint(Section):
    """A taint: pods without a toleration of the taint do not run on the nodes."""

    key: LabelKey
    """Key of the taint, at most 63 characters, such as `dedicated` or `example.com/team`."""
    value: Annotated[str, AfterValidator(_value_or_empty)] = ""
    """Value of the taint, at most 63 characters. Default: empty."""
    effect: Literal["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"] = "NO_SCHEDULE"
    """Effect of the taint, as the EKS API spells it. Default: `NO_SCHEDULE`."""

    @property
    def hard(self) -> bool:
        """True if pods without a toleration never start on the nodes."""
        return self.effect != "PREFER_NO_SCHEDULE"


def _no_duplicates(taints: tuple[Taint, ...]) -> tuple[Taint, ...]:
    pairs = [(taint.key, taint.effect) for taint in taints]
    repeated = sorted({" ".join(pair) for pair in pairs if pairs.count(pair) > 1})
    if repeated:
        raise refuse(
            f"{', '.join(repeated)} is listed more than once; write each key once per effect"
        )
    return taints


Taints = Annotated[tuple[Taint, ...], Field(max_length=50), AfterValidator(_no_duplicates)]
"""Taints, at most 50 for a managed node group, each key once per effect."""
