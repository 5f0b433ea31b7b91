"""What of a running cell decides on what may be changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a node group keeps for its life: other values need another node group."""

    ami_type: str
    """Operating system and architecture."""
    capacity_type: str
    """ON_DEMAND or SPOT."""
    instance_types: tuple[str, ...]
    """Those on the group; none if its launch template holds its only one."""
    zones: tuple[str, ...]
    """Zones of its subnets, sorted."""

    def __str__(self) -> str:
        """For people."""
        types = ", ".join(self.instance_types) or "one type"
        return f"{self.ami_type}, {self.capacity_type}, {types}"


def shape_of(pool: Pool, zones: Sequence[str]) -> Shape:
    """The shape that a pool of the stack file asks for, of a group over some zones."""
    return Shape(
        zones=tuple(sorted(zones)),
        ami_type=pool.ami_type,
        capacity_type=pool.capacity_type,
        instance_types=pool.instance_types if pool.mixed else (),
    )


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """A node group as AWS has it."""

    name: str
    """Its name in AWS."""
    pool: str
    """Pool that it is part of."""
    zone: str
    """Its zone, or `spanning`."""
    subnets: tuple[str, ...]
    """Ids of its subnets, sorted."""
    shape: Shape
    version: str
    """Kubernetes minor of its nodes."""
    status: str
    """ACTIVE, CREATING, UPDATING, DELETING …"""
    min: int
    """Nodes at least."""
    desired: int
    """Nodes that it is to have now."""
    max: int
    """Nodes at most."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """A running cell."""

    version: str
    """Kubernetes minor of the control plane."""
    control_plane_zones: frozenset[str]
    """Zones of the control plane's subnets."""
    node_groups: Sequence[NodeGroup]
    """Its node groups, those that are being deleted among them."""
