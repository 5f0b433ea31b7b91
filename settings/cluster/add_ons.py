"""`ha-eks:cluster.addOns`: what a stack has otherwise than the cell's own choice of an add-on."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from core.facts.versions import ADD_ON_NAMES, ADD_ON_VERSION
from settings.reading.section import Section, refuse
from settings.reading.shape import one_of


def _name(value: str) -> str:
    if value not in ADD_ON_NAMES:
        raise refuse(one_of(ADD_ON_NAMES, value))
    return value


def _version(value: str) -> str:
    if not re.fullmatch(ADD_ON_VERSION, value):
        raise refuse("a version of an EKS add-on, such as v1.14.7-eksbuild.10")
    return value


AddOnName = Annotated[str, AfterValidator(_name)]
"""Name of an add-on that the cell has."""


class AddOnOverride(Section):
    """Another version or configuration of an EKS add-on."""

    version: Annotated[str, AfterValidator(_version)] | None = None
    """Version that EKS offers for the cluster's minor; default: the pin in
    `core/facts/add_ons.toml`."""

    configuration: dict[str, Any] = Field(default_factory=dict[str, Any])
    # Any: JSON of any shape, which only the add-on's own schema knows
    """Merged over the cell's own, mapping by mapping; a list or a plain value takes the other's
    place. Keys: `aws eks describe-addon-configuration`; one that the add-on does not know is
    refused by EKS."""
