"""The properties of a running cell that limit changes of the stack file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.load_balancers import Kind
from core.node_group_size import RunningSize
from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Properties of a node group that cannot change: other values need a new node group."""

    ami_type: str
    """Operating system and architecture."""
    capacity_type: str
    """ON_DEMAND or SPOT."""
    instance_types: tuple[str, ...]
    """Instance types of the node group; empty if its launch template has the only one."""
    zones: tuple[str, ...]
    """Zones of its subnets, sorted."""

    def __str__(self) -> str:
        """Returns the shape for messages."""
        types = ", ".join(self.instance_types) or "one type"
        return f"{self.ami_type}, {self.capacity_type}, {types}"


def shape_of(pool: Pool, zones: Sequence[str]) -> Shape:
    """Returns the shape that a pool of the stack file requires of a node group in some zones."""
    return Shape(
        zones=tuple(sorted(zones)),
        ami_type=pool.ami,
        capacity_type=pool.capacity_type,
        instance_types=pool.instance_types if pool.mixed else (),
    )


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """A node group in AWS."""

    name: str
    """Name in AWS."""
    pool: str
    """Pool of the stack file."""
    zone: str
    """Zone, or `spanning`."""
    subnets: tuple[str, ...]
    """IDs of the subnets, sorted."""
    shape: Shape
    version: str
    """Kubernetes minor version of the nodes."""
    status: str
    """ACTIVE, CREATING, UPDATING, DELETING …"""
    min: int
    """Minimum number of nodes."""
    desired: int
    """Desired number of nodes."""
    max: int
    """Maximum number of nodes."""


@dataclass(frozen=True, kw_only=True)
class RunningBalancer:
    """A load balancer in AWS."""

    protected: bool
    """True if AWS refuses to delete the load balancer."""
    dualstack: bool
    """True if the load balancer has IPv6 addresses."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """A running cell."""

    version: str
    """Kubernetes minor version of the control plane."""
    control_plane_zones: frozenset[str]
    """Zones of the control plane's subnets."""
    node_groups: Sequence[NodeGroup]
    """Node groups of the cell, including node groups that are being deleted."""
    deployer: str | None
    """ARN of the deployer in the tag of the cluster; None without a tag."""
    apps: frozenset[str]
    """Names of the apps that have alarms. The first alarms of an app are created after the app has
    served."""
    exposed: frozenset[tuple[str, Kind]]
    """Apps that have served, each with a load balancer that exposes it."""
    load_balancers: Mapping[Kind, RunningBalancer]
    """The load balancers of the cell."""
    ipv6: bool
    """True if the VPC has an IPv6 block."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """Facts about the running cell on which the program depends; empty for a new cell."""

    exists: bool = False
    """True if the cluster exists."""
    deployer: str | None = None
    """ARN of the deployer in the tag of the cluster; None without a tag."""
    sizes: Mapping[tuple[str, str], RunningSize] = field(
        default_factory=dict[tuple[str, str], RunningSize]
    )
    """Size of each node group, by pool and zone."""
    apps: frozenset[str] = frozenset()
    """Names of the apps that have served."""
    ipv6: bool = False
    """True if the VPC has an IPv6 block."""
    targeted: bool = False
    """True in an `up` with targets."""

    def awaits(self, app: str) -> bool:
        """True if resources that need an app are registered after it.

        A complete `up` creates them after a new app serves. It does not await an app that has
        served, because in an outage its pods do not become ready. An `up` with targets waits for no
        pods, and registers resources in the order in which those of the state were created.
        docs/decisions/0046-remedies-do-not-wait-for-pods.md
        """
        return (app in self.apps) is self.targeted

    @property
    def awaits_nodes(self) -> bool:
        """True if Kubernetes objects are registered after the node groups, for the same reasons."""
        return self.targeted or not self.sizes
