"""Figures from which the promises of all scenarios are computed.

A recorded drill is valid as long as these figures are those of the stack.
"""

from collections.abc import Iterator, Mapping

from core.availability.zone_failure import seconds_to_replacement
from core.availability.zone_loss import nodes_at_rest
from settings import Settings
from settings.availability import headroom_of, zone_model_of


def figures(settings: Settings) -> Mapping[str, int]:
    """Returns the figures of a stack by name."""
    return dict(_figures(settings))


def _figures(settings: Settings) -> Iterator[tuple[str, int]]:
    nodes = nodes_at_rest(zone_model_of(settings))
    yield "zones", len(settings.network.zones_in)
    for pool, count in nodes.items():
        yield f"nodes of pool {pool} in each zone", count
    headroom = headroom_of(settings).pods
    for name, app in settings.replicated.items():
        yield f"{name}: needed replicas", app.replicas.needed
        yield f"{name}: minimum replicas", app.minimum_replicas(len(settings.network.zones_in))
        yield f"{name}: maximum replicas", app.replicas.max
        yield f"{name}: headroom in each zone, in pods", headroom.get(name, 0)
        tolerations = [app.toleration_seconds.unreachable]
        yield (
            f"{name}: seconds until evicted pods of a zone are created",
            seconds_to_replacement(sum(nodes.values()), tolerations).latest,
        )
