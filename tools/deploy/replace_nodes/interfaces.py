"""Interfaces of a node replacement to Pulumi, AWS and Kubernetes.

The command implements them with the CLIs, the rehearsal with the fake cloud.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from live.cell import NodeGroup, Shape
from settings.node_replacement import Replacement

REMEDY = (
    "nothing is lost; fix the cause and run the same command again, or roll back "
    "(docs/replace-nodes.md)"
)
"""Remedy at the end of error messages."""


class ReplaceError(Exception):
    """The replacement stops; the next run continues at the same step."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A node group that the stack file requires."""

    name: str
    """Logical name."""
    urn: str
    pool: str
    zone: str
    """Zone, or `spanning`."""
    shape: Shape
    related: tuple[str, ...]
    """URNs of the resources that change with the node group.

    These are the launch template, capacity reservations, tags of the Auto Scaling group, alarms and
    dashboards.
    """


class Engine(Protocol):
    """Pulumi with the stack of the cell."""

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        """Updates only the named resources."""
        ...

    def node_group(self, urn: str) -> str | None:
        """Returns the name in AWS of a node group in the state; None if the URN is absent."""
        ...


class Cloud(Protocol):
    """AWS in the region of the cell."""

    def node_groups(self) -> Mapping[str, NodeGroup]:
        """Returns the node groups of the cell by name."""
        ...

    def resize(self, group: NodeGroup, *, min: int, max: int, desired: int) -> None:
        """Sets the size of a node group and waits until AWS has applied it."""
        ...

    def delete(self, group: NodeGroup) -> None:
        """Deletes a node group, or continues its deletion, and waits until it is deleted."""
        ...

    def not_ready(self) -> Sequence[str]:
        """Returns a line for each target group without its healthy targets."""
        ...


class Cluster(Protocol):
    """Kubernetes."""

    def ready_nodes(self, group: str) -> int:
        """Returns the number of ready and schedulable nodes of a node group."""
        ...

    def cordon(self, group: str) -> None:
        """Cordons the nodes of a node group."""
        ...

    def drain(self, group: str) -> None:
        """Evicts the pods of a node group's nodes, with disruption budgets in force.

        Raises an error if a node takes longer than the limit.
        """
        ...

    def not_ready(self) -> Sequence[str]:
        """Returns a line for each Deployment without its ready pods."""
        ...


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The three interfaces."""

    engine: Engine
    cloud: Cloud
    cluster: Cluster
