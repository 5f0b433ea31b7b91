"""Rules for autoscaling: expander, version, and pool sizes while zones are out of service."""

from collections.abc import Iterator

from core.availability.replicas import redistributed
from settings.reading.problem import Problem
from settings.reading.wording import counted
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


def _autoscaler_version(settings: Settings) -> Iterator[Problem]:
    autoscaler, version = settings.autoscaling.version, settings.cluster.version
    if autoscaler is not None and not autoscaler.startswith(f"v{version}."):
        yield Problem(
            key=f"{NAMESPACE}:autoscaling.version",
            message=f"{autoscaler} simulates the scheduler of another Kubernetes version than "
            f"cluster.version, {version}; write a release of v{version}",
        )


def _minimum_nodes_without_zones(settings: Settings) -> Iterator[Problem]:
    zones, zones_in = len(settings.network.zones), len(settings.network.zones_in)
    if zones == zones_in or not zones_in:
        return
    for name, pool in settings.pools.items():
        size = pool.per_zone
        minimum = redistributed(size.min, zones, zones_in)
        if minimum > size.max:
            yield Problem(
                key=f"{NAMESPACE}:pools.{name}.perZone.max",
                message=f"with zonesOut, {counted(zones_in, 'zone')} must run the minimum nodes of "
                f"{zones} zones: {size.min} × {zones} / {zones_in} = {minimum} nodes in each zone "
                f"(rounded up), but max is {size.max}; write {minimum} or more",
            )


RULES = (_expander, _autoscaler_version, _minimum_nodes_without_zones)
