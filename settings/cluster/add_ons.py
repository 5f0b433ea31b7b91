"""`ha-eks:cluster.addOns`: changes to the versions and configurations of EKS add-ons."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from core.facts.versions.add_ons import ADD_ON_NAMES, ADD_ON_VERSION
from settings.reading.section import Section, refuse
from settings.reading.shape import one_of


def _name(value: str) -> str:
    if value not in ADD_ON_NAMES:
        raise refuse(one_of(ADD_ON_NAMES, value))
    return value


def _version(value: str) -> str:
    if not re.fullmatch(ADD_ON_VERSION, value):
        raise refuse("must be a version of an EKS add-on, such as v1.14.7-eksbuild.10")
    return value


AddOnName = Annotated[str, AfterValidator(_name)]
"""Name of an EKS add-on that this program installs."""


class AddOnOverride(Section):
    """Another version or configuration of an EKS add-on."""

    version: Annotated[str, AfterValidator(_version)] | None = None
    """Version of the add-on, such as `v1.14.7-eksbuild.10`, that EKS offers for the Kubernetes
    version of the cluster. Default: the version in `core/facts/versions/add_ons.toml`, or without
    one the default version of EKS."""

    configuration: dict[str, Any] = Field(default_factory=dict[str, Any])
    # Any: JSON of any shape, which only the schema of the add-on describes
    """Configuration values, merged into those of this program: mappings are merged key by key,
    lists and plain values replace those of this program. `aws eks describe-addon-configuration`
    lists the keys. EKS refuses keys that the add-on does not have. Default: none."""
