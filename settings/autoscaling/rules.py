"""Rules for autoscaling: the expander, and pool sizes while zones are out of service."""

from collections.abc import Iterator

from core.availability.replicas import moved
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


def _expander(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools.values()
    if settings.autoscaling.expander == "priority" and not any(
        pool.capacity_type == "SPOT" for pool in pools
    ):
        yield Problem(
            key=f"{NAMESPACE}:autoscaling.expander",
            message="priority prefers spot pools, but no pool has capacityType: SPOT; write "
            "least-waste",
        )


def _zones_out(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    key, zones = f"{NAMESPACE}:network.zonesOut", ", ".join(network.zones)
    for index, zone in enumerate(network.zones_out):
        if zone not in network.zones:
            yield Problem(
                key=f"{key}[{index}]",
                message=f"{zone} is not in network.zones; write one of {zones}",
            )
    if not network.zones_in:
        message = f"at least one zone must remain; remove one of {zones}"
        yield Problem(key=key, message=message)


def _minimum_nodes_without_zones(settings: Settings) -> Iterator[Problem]:
    zones, zones_in = len(settings.network.zones), len(settings.network.zones_in)
    if zones == zones_in or not zones_in:
        return
    for name, pool in settings.pools.items():
        size = pool.per_zone
        minimum = moved(size.min, zones, zones_in)
        if minimum > size.max:
            yield Problem(
                key=f"{NAMESPACE}:pools.{name}.perZone.max",
                message=f"with zonesOut, the minimum of {size.min} nodes × {zones} zones is "
                f"divided by {zones_in}, which is {minimum} nodes in each zone, but max is "
                f"{size.max}; write {minimum} or more",
            )


RULES = (_expander, _zones_out, _minimum_nodes_without_zones)
