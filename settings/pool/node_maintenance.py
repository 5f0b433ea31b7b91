"""How EKS keeps a pool's nodes: updated, repaired, and ready beforehand.

Fields and ranges: NodegroupUpdateConfig, NodeRepairConfig and WarmPoolConfig in
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse

_Percentage = Annotated[int, Field(ge=1, le=100)]
_Count = Annotated[int, Field(ge=1)]


def _strategy(value: str) -> str:
    if value == "MINIMAL":
        raise refuse(
            "DEFAULT: MINIMAL terminates nodes before it launches others, and so goes below the "
            "number that is there"
        )
    if value != "DEFAULT":
        raise refuse("DEFAULT")
    return value


class Update(Section):
    """How many nodes of a node group an update replaces at once: a number, or a share."""

    max_unavailable: Annotated[int, Field(ge=1, le=100)] | None = None
    """Nodes of a group, 1 to 100."""
    max_unavailable_percentage: _Percentage | None = None
    """Share of a group's nodes, percent; without a number 33."""
    strategy: Annotated[str, AfterValidator(_strategy)] = "DEFAULT"
    """New nodes are launched before old ones are drained."""

    @property
    def percentage(self) -> int | None:
        """The share that holds; None: a number does."""
        return None if self.max_unavailable else self.max_unavailable_percentage or 33

    def at_once(self, nodes: int) -> int:
        """How many of a group's nodes that is."""
        return self.max_unavailable or -(-nodes * (self.percentage or 0) // 100)


class Repair(Section):
    """Whether EKS replaces or reboots unhealthy nodes, and where it stops.

    By itself it stops when a group of more than 5 nodes has over 20 % that are unhealthy, and
    during a zonal shift. https://docs.aws.amazon.com/eks/latest/userguide/node-repair.html
    """

    enabled: bool = True
    max_parallel_count: _Count | None = None
    """Nodes of a group that are repaired at once, 1 or more."""
    max_parallel_percentage: _Percentage | None = None
    """The same as a share of the unhealthy nodes, percent."""
    max_unhealthy_count: _Count | None = None
    """Unhealthy nodes of a group beyond which nothing is repaired, 1 or more."""
    max_unhealthy_percentage: _Percentage | None = None
    """The same as a share of the group's nodes, percent."""


def _state(value: str) -> str:
    if value == "HIBERNATED":
        raise refuse(
            "STOPPED or RUNNING: HIBERNATED needs a launch template that sets hibernation, which "
            "managed node groups do not take"
        )
    if value not in ("STOPPED", "RUNNING"):
        raise refuse("STOPPED or RUNNING")
    return value


class WarmPool(Section):
    """Instances that have booted before they are needed; for nodes that are slow to start.

    https://docs.aws.amazon.com/eks/latest/userguide/warm-pools-managed-node-groups.html
    """

    min: Annotated[int, Field(ge=0, le=450)] = 0
    """Instances that each zone keeps in the warm pool, beyond its nodes."""
    max_prepared: Annotated[int, Field(ge=1, le=450)] | None = None
    """Nodes and warm instances of each zone together; default: the pool's `perZone.max`."""
    state: Annotated[str, AfterValidator(_state)] = "STOPPED"
    """STOPPED costs the volumes only; RUNNING costs the instances, and is quicker."""
    reuse_on_scale_in: bool = False
    """Whether a node that is no longer needed goes back into the warm pool."""
