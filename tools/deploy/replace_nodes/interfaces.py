"""What a replacement works with: the engine, AWS, the cluster. Each is also played in rehearsal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from live.cell import NodeGroup, Shape
from settings.node_replacement import Replacement

AGAIN = "nothing is lost: see to it, and run this again, or take it back (docs/replace-nodes.md)"
"""What to do when a replacement does not go on."""


class ReplaceError(Exception):
    """Why a replacement does not go on; it can be run again, and goes on where it was."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A node group that the stack file asks for."""

    name: str
    """Logical name."""
    urn: str
    pool: str
    zone: str
    """Its zone, or `spanning`."""
    shape: Shape
    beside: tuple[str, ...]
    """URNs of what changes with it: launch template, reservations, tags of the Auto Scaling group,
    and whatever watches that."""


class Engine(Protocol):
    """Pulumi, on the cell's stack."""

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        """Brings up some resources, and leaves all others as they are."""
        ...

    def node_group(self, urn: str) -> str | None:
        """Name in AWS of the node group with a URN in the state; None if there is none."""
        ...


class Cloud(Protocol):
    """AWS, in the cell's region."""

    def node_groups(self) -> Mapping[str, NodeGroup]:
        """The cell's node groups, by name."""
        ...

    def resize(self, group: NodeGroup, *, min: int, max: int, desired: int) -> None:
        """Sets the size of a node group, and waits until AWS has taken it."""
        ...

    def delete(self, group: NodeGroup) -> None:
        """Deletes a node group, or goes on with its deletion, and waits until it is gone."""
        ...

    def lacking(self) -> Sequence[str]:
        """What the load balancer lacks: a line for each target group that is not whole."""
        ...


class Cluster(Protocol):
    """Kubernetes."""

    def ready_nodes(self, group: str) -> int:
        """Nodes of a node group that are ready and take pods."""
        ...

    def cordon(self, group: str) -> None:
        """Keeps new pods off the nodes of a group."""
        ...

    def drain(self, group: str) -> None:
        """Evicts what runs on the nodes of a group, as the disruption budgets let it.

        Raises ReplaceError if that takes longer than the bound.
        """
        ...

    def lacking(self) -> Sequence[str]:
        """What the workloads lack: a line for each Deployment that is not whole."""
        ...


@dataclass(frozen=True, kw_only=True)
class Parts:
    """All three."""

    engine: Engine
    cloud: Cloud
    cluster: Cluster
