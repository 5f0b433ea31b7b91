"""Derives the node groups that a stack file requires from its recording."""

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
"""Types of related resources that a node group depends on."""
_AFTER = (
    "aws:autoscaling/tag:Tag",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:cloudwatch/dashboard:Dashboard",
)
"""Types of related resources that depend on a node group."""


def units_of(recording: Recording, pool: str | None = None) -> Sequence[Unit]:
    """Returns the node groups of one pool or of all pools, sorted by pool and zone."""
    units = [_unit(recording, each) for each in recording.of_type(_GROUP)]
    return [each for each in units if pool in (None, each.pool)]


def _unit(recording: Recording, group: Resource) -> Unit:
    inputs = group.inputs
    tags = cast("Mapping[str, str]", inputs["tags"])
    related = [urn for urn in group.dependencies if recording.get(urn).type in _BEFORE]
    related += [each.urn for each in recording.of_type(*_AFTER) if group.urn in each.dependencies]
    pool = recording.settings.pools[tags[POOL]]
    zones = pool.node_groups(recording.settings.network.zones)[tags[ZONE]]
    return Unit(
        name=group.name,
        urn=group.urn,
        pool=tags[POOL],
        zone=tags[ZONE],
        shape=shape_of(pool, zones),
        related=tuple(related),
    )
