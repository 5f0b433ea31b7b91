"""The node groups that a stack file asks for, from its plan."""

from collections.abc import Mapping, Sequence
from typing import cast

from core.tags import POOL, ZONE
from live.cell import shape_of
from tools.deploy.replace_nodes.interfaces import Unit
from tools.recording import Recording, Resource

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


def units_of(recording: Recording, pool: str | None = None) -> Sequence[Unit]:
    """The node groups of a pool, or of all; of each pool, zone after zone."""
    units = [_unit(recording, each) for each in recording.of_type(_GROUP)]
    return [each for each in units if pool in (None, each.pool)]


def _unit(recording: Recording, group: Resource) -> Unit:
    inputs = group.inputs
    tags = cast("Mapping[str, str]", inputs["tags"])
    beside = [urn for urn in group.dependencies if recording.get(urn).type in _BEFORE]
    beside += [each.urn for each in recording.of_type(*_AFTER) if group.urn in each.dependencies]
    pool = recording.settings.pools[tags[POOL]]
    zones = pool.node_groups(recording.settings.network.zones)[tags[ZONE]]
    return Unit(
        name=group.name,
        urn=group.urn,
        pool=tags[POOL],
        zone=tags[ZONE],
        shape=shape_of(pool, zones),
        beside=tuple(beside),
    )
