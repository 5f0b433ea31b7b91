"""What must hold across the fields of a stack file: plain functions that yield problems."""

from collections.abc import Callable, Iterator

from settings.cell import Settings
from settings.problem import Problem
from settings.rules import (
    apps,
    autoscaling,
    cluster,
    connections,
    drain,
    headroom,
    images,
    instance_types,
    network,
    observability,
    pools,
    probes,
    room,
    scaling,
    traffic,
    volumes,
)

RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    *network.RULES,
    *cluster.RULES,
    *pools.RULES,
    *instance_types.RULES,
    *room.RULES,
    *apps.RULES,
    *connections.RULES,
    *probes.RULES,
    *drain.RULES,
    *volumes.RULES,
    *scaling.RULES,
    *autoscaling.RULES,
    *headroom.RULES,
    *images.RULES,
    *observability.RULES,
    *traffic.RULES,
)
"""Every rule."""
