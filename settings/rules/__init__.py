"""What must hold across the fields of a stack file: plain functions that yield problems."""

from collections.abc import Callable, Iterator

from settings.cell import Settings
from settings.problem import Problem
from settings.rules import apps, cluster, instance_types, network, pools, room, traffic

RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    *network.RULES,
    *cluster.RULES,
    *pools.RULES,
    *instance_types.RULES,
    *room.RULES,
    *apps.RULES,
    *traffic.RULES,
)
"""Every rule."""
