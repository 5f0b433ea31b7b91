"""The node groups that a stack file asks for, from its plan."""

from collections.abc import Mapping, Sequence
from typing import cast

from core.tags import POOL, ZONE
from live.cell import shape_of
from plan import Plan, Resource
from replacement.parts import Unit

_GROUP = "aws:eks/nodeGroup:NodeGroup"
_BEFORE = (
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/capacityReservation:CapacityReservation",
)
_AFTER = (
    "aws:autoscaling/tag:Tag",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:cloudwatch/dashboard:Dashboard",
)


def units_of(plan: Plan, pool: str | None = None) -> Sequence[Unit]:
    """The node groups of a pool, or of all; of each pool, zone after zone."""
    units = [_unit(plan, each) for each in plan.of_type(_GROUP)]
    return [each for each in units if pool in (None, each.pool)]


def _unit(plan: Plan, group: Resource) -> Unit:
    inputs = group.inputs
    tags = cast("Mapping[str, str]", inputs["tags"])
    beside = [urn for urn in group.dependencies if plan.get(urn).type in _BEFORE]
    beside += [each.urn for each in plan.of_type(*_AFTER) if group.urn in each.dependencies]
    pool = plan.settings.pools.root[tags[POOL]]
    zones = pool.groups(plan.settings.network.zones)[tags[ZONE]]
    return Unit(
        name=group.name,
        urn=group.urn,
        pool=tags[POOL],
        zone=tags[ZONE],
        shape=shape_of(pool, zones),
        beside=tuple(beside),
    )
