"""`ha-eks:pools`: the node pools of the cell."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from core.facts.accelerators import (
    AMIS,
    RESOURCES,
    TAINT_VALUE,
    AmiType,
    Device,
    default_ami,
    device_of,
)
from core.facts.instance_types import Architecture, instance_type
from core.tags import SPANNING
from settings.pool.kubelet import Kubelet
from settings.pool.node_labels import LabelKey, LabelValue, Taint, Taints
from settings.pool.node_maintenance import Repair, Update, WarmPool
from settings.reading.named_sections import NamedSections
from settings.reading.section import Section, Unique, refuse

_POOL_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?")
_INSTANCE_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")


def _pool_name(value: str) -> str:
    if not _POOL_NAME.fullmatch(value):
        raise refuse(
            "must be a name of lowercase letters, digits and -, beginning with a letter and ending "
            "with a letter or digit, at most 20 characters"
        )
    return value


def _instance_type(value: str) -> str:
    if not _INSTANCE_TYPE.fullmatch(value):
        raise refuse("must be an instance type, such as m7i.large")
    return value


def _linux(value: object) -> object:
    if isinstance(value, str) and value.startswith("WINDOWS"):
        raise refuse(
            "Windows nodes are not supported, because the pods of a cell run on Linux only; remove "
            "amiType, or write an AL2023 or Bottlerocket amiType"
        )
    return value


PoolName = Annotated[str, AfterValidator(_pool_name)]
"""Name of a pool: lowercase letters, digits and -, at most 20 characters."""
InstanceType = Annotated[str, AfterValidator(_instance_type)]
"""An EC2 instance type, such as `m7i.large`."""


class PerZone(Section):
    """The number of nodes of a pool in each zone."""

    min: Annotated[int, Field(ge=0, le=450)]
    """Minimum number of nodes in each zone, 0 to 450. Required."""
    max: Annotated[int, Field(ge=1, le=450)]
    """Maximum number of nodes in each zone, 1 to 450. EKS allows 450 nodes in a managed node group;
    for a pool with `layout: spanning` that limit applies to all zones together. Required."""
    initial: Annotated[int, Field(ge=0, le=450)] | None = None
    """Number of nodes in each zone when the node group is created, from `min` to `max`. Afterwards
    the autoscaler sets the number of nodes. Default: `min`."""
    reserved: Annotated[int, Field(ge=0, le=450)] = 0
    """Instances in each zone that an open On-Demand Capacity Reservation reserves, 0 to `max`. You
    pay for the reservation whether nodes use it or not. The reserved instances are available even
    if the zone has no more capacity of the instance type. Any instance of the account with this
    type and zone uses the reservation. Only for `ON_DEMAND` pools with one instance type.
    Default: 0.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html"""


class Pool(Section):
    """Nodes of one kind: managed node groups that share a launch template."""

    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1, max_length=20), Unique]
    """Instance types, 1 to 20, such as `[m7i.large]`. With several types, EKS launches the types
    that are available. A single type can be changed in place; a change of several types replaces
    the node groups. Required."""

    per_zone: PerZone
    """Number of nodes in each zone. Required."""

    capacity_type: Literal["ON_DEMAND", "SPOT"] = "ON_DEMAND"
    """`ON_DEMAND` or `SPOT`. Spot instances are cheaper, and AWS interrupts them with two minutes'
    notice. Spot pools need two or more instance types. Default: `ON_DEMAND`."""

    ami_type: Annotated[AmiType | None, BeforeValidator(_linux)] = None
    """AMI type: the operating system, and the CPU architecture and drivers, which must fit the
    instance types. Default: AL2023 with the architecture and the drivers of the first instance
    type."""

    release_version: Annotated[str, Field(min_length=1)] | None = None
    """AMI release version, such as `1.36.1-20261101`. Default: the latest release when a node group
    is created."""

    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 50
    """Size of the encrypted gp3 volume of each node in GiB, 20 to 16384. Default: 50."""

    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict[str, str])
    """Kubernetes labels of the nodes, such as `{team: web}`. Keys and values have at most 63
    characters. Default: none."""

    taints: Taints = ()
    """Kubernetes taints of the nodes, at most 50, each key once per effect. An app that names the
    pool tolerates the taints. Pods of the system tolerate none, so that at least one pool must have
    no taint with `NO_SCHEDULE` or `NO_EXECUTE`. Nodes with GPUs or Neuron devices also have the
    taint `nvidia.com/gpu` or `aws.amazon.com/neuron` with `NO_SCHEDULE`. Default: none."""

    layout: Literal["perZone", "spanning"] = "perZone"
    """`perZone`: one node group in each zone. `spanning`: one node group over all zones. EKS
    updates a spanning node group in all zones at once, not zone after zone. A spanning node group
    gets a new zone only when the node group is replaced, and the autoscaler cannot add a node in a
    certain zone. Default: `perZone`."""

    update: Update = Update()
    """Number of nodes that an update replaces at once. Default: 33% of a node group."""

    repair: Repair = Repair()
    """Repair of unhealthy nodes. Default: enabled with the limits of EKS."""

    warm_pool: WarmPool | None = None
    """Instances that booted in advance. Only for `ON_DEMAND` pools. Default: no warm pool."""

    kubelet: Kubelet = Kubelet()
    """Graceful node shutdown and reserved resources. Only for AL2023, because Bottlerocket uses
    other user data. Default: the settings of the AMI."""

    def node_groups(self, zones: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Returns the zones of each node group, by the suffix of the node group's name.

        The suffix is the name of the zone, or SPANNING for a node group over all zones.
        """
        if self.layout == "spanning":
            return {SPANNING: tuple(zones)}
        return {zone: (zone,) for zone in zones}

    @property
    def mixed(self) -> bool:
        """True if the pool has several instance types.

        Several types belong to the node group, a single type to the launch template.
        """
        return len(self.instance_types) > 1

    @property
    def ami(self) -> AmiType:
        """AMI type: the written one, or AL2023 for the first instance type."""
        return self.ami_type or default_ami(instance_type(self.instance_types[0]))

    @property
    def architecture(self) -> Architecture:
        """CPU architecture of the AMI."""
        return AMIS[self.ami].architecture

    @property
    def bottlerocket(self) -> bool:
        """True if the AMI is Bottlerocket and not Amazon Linux."""
        return self.ami.startswith("BOTTLEROCKET")

    @property
    def device(self) -> Device | None:
        """Device of the instance types that pods can request; None without one."""
        found = instance_type(self.instance_types[0])
        return device_of(found) if found else None

    @property
    def accelerators(self) -> int:
        """Fewest devices of a node."""
        types = [found for each in self.instance_types if (found := instance_type(each))]
        return min((each.accelerators for each in types), default=0)

    @property
    def plugin(self) -> Device | None:
        """Device whose plugin runs in a pod on each node; None if the nodes need no plugin, or if
        the plugin is part of the AMI, as the NVIDIA one is of Bottlerocket."""
        return None if self.bottlerocket and self.device == "gpu" else self.device

    @property
    def all_taints(self) -> Taints:
        """`taints`, and the taint of the device unless one of them has its key."""
        key = RESOURCES[self.device] if self.device else None
        if key is None or any(taint.key == key and taint.hard for taint in self.taints):
            return self.taints
        return (*self.taints, Taint(key=key, value=TAINT_VALUE))

    def is_open_to(self, device: Device | None) -> bool:
        """True if the pool may run pods that name no pool and request a device; None: no device."""
        return device == self.device and not any(taint.hard for taint in self.taints)

    @property
    def tainted(self) -> bool:
        """True if a taint keeps pods without tolerations off the nodes of the pool."""
        return not self.is_open_to(None)


class Pools(NamedSections[Pool]):
    """The pools of the cell by name, at least one.

    A name has lowercase letters, digits and -, begins with a letter and has at most 20 characters.
    """

    root: Annotated[dict[PoolName, Pool], Field(min_length=1)]

    @property
    def plugins(self) -> Sequence[Device]:
        """Devices whose plugin runs in pods, sorted."""
        return sorted({pool.plugin for pool in self.values() if pool.plugin})
