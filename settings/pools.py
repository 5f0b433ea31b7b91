"""`ha-eks:pools`: the nodes."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from settings.section import Section, Unique, refuse

_POOL_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?")
_INSTANCE_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")


def _pool_name(value: str) -> str:
    if not _POOL_NAME.fullmatch(value):
        raise refuse("a name of a-z, 0-9 and -, at most 20 characters, beginning with a letter")
    return value


def _instance_type(value: str) -> str:
    if not _INSTANCE_TYPE.fullmatch(value):
        raise refuse("an instance type such as m7i.large")
    return value


PoolName = Annotated[str, AfterValidator(_pool_name)]
InstanceType = Annotated[str, AfterValidator(_instance_type)]


class PerZone(Section):
    """Nodes of one zone of a pool."""

    min: Annotated[int, Field(ge=0, le=450)]
    """The autoscaler never goes below it."""
    max: Annotated[int, Field(ge=1, le=450)]
    """Nor above it. EKS takes 450 nodes in a managed node group."""
    initial: Annotated[int, Field(ge=0, le=450)] | None = None
    """Nodes at creation; default: `min`. Later the autoscaler decides."""


class Taint(Section):
    """Keeps pods off the pool's nodes that do not tolerate it."""

    key: Annotated[str, Field(min_length=1, max_length=63)]
    value: Annotated[str, Field(max_length=63)] = ""
    effect: Literal["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"] = "NO_SCHEDULE"


class Pool(Section):
    """Nodes of one kind: one managed node group in each zone."""

    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1, max_length=20), Unique]
    """One type can be changed in place; of several, EKS takes what it can get, and a change
    replaces the node groups."""

    per_zone: PerZone
    """Size, in each zone."""

    capacity_type: Literal["ON_DEMAND", "SPOT"] = "ON_DEMAND"
    """Spot is cheaper and goes at two minutes' notice."""

    ami_type: Literal[
        "AL2023_x86_64_STANDARD",
        "AL2023_ARM_64_STANDARD",
        "BOTTLEROCKET_x86_64",
        "BOTTLEROCKET_ARM_64",
    ] = "AL2023_x86_64_STANDARD"
    """The operating system; its architecture is that of the instance types."""

    release_version: Annotated[str, Field(min_length=1)] | None = None
    """AMI release, such as 1.36.1-20261101; default: the newest when a group is made."""

    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 50
    """Size of each node's encrypted gp3 volume, GiB."""

    labels: dict[str, str] = Field(default_factory=dict[str, str])
    """Kubernetes labels of the nodes."""

    taints: tuple[Taint, ...] = ()
    """Kubernetes taints of the nodes."""

    max_unavailable_percentage: Annotated[int, Field(ge=1, le=100)] = 33
    """Share of a zone's nodes that an update of the group takes at once."""

    @property
    def repels(self) -> bool:
        """Whether pods that tolerate nothing stay off its nodes."""
        return any(taint.effect != "PREFER_NO_SCHEDULE" for taint in self.taints)


class Pools(RootModel[Annotated[dict[PoolName, Pool], Field(min_length=1)]]):
    """The pools of the cell by name, at least one."""

    model_config = ConfigDict(frozen=True, strict=True)
