"""What must hold across the fields of a stack file: plain functions that yield problems."""

from collections.abc import Callable, Iterator

from settings.cell import Settings
from settings.problem import Problem
from settings.rules import (
    apps,
    autoscaling,
    cluster,
    headroom,
    instance_types,
    network,
    pools,
    room,
    scaling,
    traffic,
)

RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    *network.RULES,
    *cluster.RULES,
    *pools.RULES,
    *instance_types.RULES,
    *room.RULES,
    *apps.RULES,
    *scaling.RULES,
    *autoscaling.RULES,
    *headroom.RULES,
    *traffic.RULES,
)
"""Every rule."""
