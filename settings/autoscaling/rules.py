"""Nodes for pods: what is asked of the autoscaler can be had, also with zones that are out."""

from collections.abc import Iterator

from core.availability.replicas import redistributed
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


def _expander(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools.values()
    if settings.autoscaling.expander == "priority" and not any(
        pool.capacity_type == "SPOT" for pool in pools
    ):
        yield Problem(
            key=f"{NAMESPACE}:autoscaling.expander",
            value="priority",
            message="least-waste: no pool is SPOT, which `priority` would prefer",
        )


def _zones_out(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    key = f"{NAMESPACE}:network.zonesOut"
    for index, zone in enumerate(network.zones_out):
        if zone not in network.zones:
            message = f"one of zones: {', '.join(network.zones)}"
            yield Problem(key=f"{key}[{index}]", value=zone, message=message)
    if not network.zones_in:
        message = "all but one of zones at the most: nodes have to be somewhere"
        yield Problem(key=key, value=list(network.zones_out), message=message)


def _minimums_moved(settings: Settings) -> Iterator[Problem]:
    zones, left = len(settings.network.zones), len(settings.network.zones_in)
    if zones == left or not left:
        return
    for name, pool in settings.pools.items():
        size = pool.per_zone
        least = redistributed(size.min, zones, left)
        if least > size.max:
            yield Problem(
                key=f"{NAMESPACE}:pools.{name}.perZone.max",
                value=size.max,
                message=f"{least} or more: {size.min} × {zones} zones are held in {left} while "
                "zonesOut has the others",
            )


RULES = (_expander, _zones_out, _minimums_moved)
