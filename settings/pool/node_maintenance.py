"""`ha-eks:pools.*.update`, `.repair` and `.warmPool`: maintenance of the nodes of a pool by EKS.

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
            "MINIMAL terminates nodes before their replacements are launched, which reduces "
            "capacity; write DEFAULT"
        )
    if value != "DEFAULT":
        raise refuse("must be DEFAULT")
    return value


class Update(Section):
    """The number of nodes of a node group that an update replaces at once.

    Write `maxUnavailable` or `maxUnavailablePercentage`, not both.
    """

    max_unavailable: Annotated[int, Field(ge=1, le=100)] | None = None
    """Nodes of a node group that are replaced at once, 1 to 100. Default:
    `maxUnavailablePercentage` applies."""
    max_unavailable_percentage: _Percentage | None = None
    """Share of the nodes of a node group that are replaced at once, in percent, 1 to 100, rounded
    up to whole nodes. Default: 33, unless `maxUnavailable` is written."""
    strategy: Annotated[str, AfterValidator(_strategy)] = "DEFAULT"
    """Update strategy. Only `DEFAULT` is supported: EKS launches new nodes before it drains old
    nodes. Default: `DEFAULT`."""

    @property
    def percentage(self) -> int | None:
        """Share of the nodes in percent, or None if `max_unavailable` applies."""
        return None if self.max_unavailable else self.max_unavailable_percentage or 33

    def at_once(self, nodes: int) -> int:
        """Returns the number of nodes replaced at once in a node group of `nodes` nodes."""
        return self.max_unavailable or -(-nodes * (self.percentage or 0) // 100)


class Repair(Section):
    """Node auto repair: EKS replaces or reboots unhealthy nodes.

    By default, EKS stops repairs in a node group of more than 5 nodes if more than 20% of the nodes
    are unhealthy. EKS also stops repairs during a zonal shift. Write a count or a percentage of
    each limit, not both. https://docs.aws.amazon.com/eks/latest/userguide/node-repair.html
    """

    enabled: bool = True
    """True: EKS repairs unhealthy nodes. Default: true."""
    max_parallel_count: _Count | None = None
    """Nodes of a node group that are repaired at once, 1 or more. Default: the limit of EKS."""
    max_parallel_percentage: _Percentage | None = None
    """Share of the unhealthy nodes of a node group that are repaired at once, in percent, 1 to 100.
    Default: the limit of EKS."""
    max_unhealthy_count: _Count | None = None
    """Unhealthy nodes of a node group above which EKS stops repairs, 1 or more. Default: the limit
    of EKS."""
    max_unhealthy_percentage: _Percentage | None = None
    """Share of unhealthy nodes of a node group above which EKS stops repairs, in percent, 1 to 100.
    Default: the limit of EKS."""


def _state(value: str) -> str:
    if value == "HIBERNATED":
        raise refuse(
            "HIBERNATED requires a launch template with hibernation, which managed node groups do "
            "not support; write STOPPED or RUNNING"
        )
    if value not in ("STOPPED", "RUNNING"):
        raise refuse("must be STOPPED or RUNNING")
    return value


class WarmPool(Section):
    """A warm pool: instances that booted in advance, for nodes that take long to start.

    https://docs.aws.amazon.com/eks/latest/userguide/warm-pools-managed-node-groups.html
    """

    min: Annotated[int, Field(ge=0, le=450)] = 0
    """Minimum number of instances in the warm pool of each zone, in addition to the nodes, 0 to
    450. Default: 0."""
    max_prepared: Annotated[int, Field(ge=1, le=450)] | None = None
    """Maximum number of nodes and warm instances of each zone together, 1 to 450, from
    `perZone.min` to `perZone.max`. Default: `perZone.max`, so that each zone always has that many
    instances."""
    state: Annotated[str, AfterValidator(_state)] = "STOPPED"
    """State of the instances in the warm pool. `STOPPED`: you pay for volumes only. `RUNNING`: you
    pay for the instances, which join the cluster faster. Default: `STOPPED`."""
    reuse_on_scale_in: bool = False
    """True: a node that is removed by scale-in returns to the warm pool. Not supported with
    Bottlerocket. Default: false."""
