"""`ha-eks:pools`: the nodes."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.tags import SPANNING
from settings.pool.kubelet import Kubelet
from settings.pool.node_labels import LabelKey, LabelValue, Taints
from settings.pool.node_maintenance import Repair, Update, WarmPool
from settings.reading.named_sections import NamedSections
from settings.reading.section import Section, Unique, refuse

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
    """Nor above it. EKS takes 450 nodes in a managed node group, of a spanning pool all."""
    initial: Annotated[int, Field(ge=0, le=450)] | None = None
    """Nodes at creation; default: `min`. Later the autoscaler decides."""
    reserved: Annotated[int, Field(ge=0, le=450)] = 0
    """On-demand capacity that is reserved, at most `max`: paid for whether nodes use it or not,
    and there when the zone has no more of the type. Open: any instance of the account that is of
    the type and in the zone uses it. ON_DEMAND pools of one type only.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html"""


class Pool(Section):
    """Nodes of one kind: managed node groups with one launch template."""

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

    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict[str, str])
    """Kubernetes labels of the nodes."""

    taints: Taints = ()
    """Kubernetes taints of the nodes."""

    layout: Literal["perZone", "spanning"] = "perZone"
    """A node group in each zone, or one over all. One over all is not updated zone after zone, but
    in all zones at once; it comes to another zone only when it is replaced; and the autoscaler
    cannot ask it for a node in a certain zone."""

    update: Update = Update()
    """Nodes that an update takes at once."""

    repair: Repair = Repair()
    """Repair of unhealthy nodes."""

    warm_pool: WarmPool | None = None
    """Instances that are ready beforehand; default: none. ON_DEMAND pools only."""

    kubelet: Kubelet = Kubelet()
    """Shutdown and reserved resources; AL2023 only, Bottlerocket takes other user data."""

    def node_groups(self, zones: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Zones of each of its node groups, by what its name ends with: its zone, or SPANNING."""
        if self.layout == "spanning":
            return {SPANNING: tuple(zones)}
        return {zone: (zone,) for zone in zones}

    @property
    def mixed(self) -> bool:
        """Whether it has several instance types: those stand on the group, one on the template."""
        return len(self.instance_types) > 1

    @property
    def architecture(self) -> Literal["x86_64", "arm64"]:
        """That of its AMI."""
        return "arm64" if "_ARM_" in self.ami_type else "x86_64"

    @property
    def bottlerocket(self) -> bool:
        """Whether its AMI is Bottlerocket, and not Amazon Linux."""
        return self.ami_type.startswith("BOTTLEROCKET")

    @property
    def tainted(self) -> bool:
        """Whether pods that tolerate nothing stay off its nodes."""
        return any(taint.effect != "PREFER_NO_SCHEDULE" for taint in self.taints)


class Pools(NamedSections[Pool]):
    """The pools of the cell by name, at least one."""

    root: Annotated[dict[PoolName, Pool], Field(min_length=1)]
