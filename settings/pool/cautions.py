"""Cautions about ha-eks:pools."""

from collections.abc import Iterator
from datetime import date

from core.facts.instance_types import HOST_PODS, instance_type, zones_of
from core.network.subnet_capacity import addresses_for_pods, max_pods_per_node
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _offered(settings: Settings, today: date) -> Iterator[Caution]:
    region = settings.aws.region
    zones = zones_of(region)
    if zones is None:
        yield Caution(
            key="aws:region",
            text=f"which instance types {region} offers is not known (core/facts/instance_types): "
            "whether it has those of the pools was not checked",
        )
        return
    for name, pool in settings.pools.items():
        for index, each in enumerate(pool.instance_types):
            found = instance_type(each)
            offered = found.zones[region] if found else zones
            if offered < zones:
                yield Caution(
                    key=f"{NAMESPACE}:pools.{name}.instanceTypes[{index}]",
                    text=f"{each} is offered in {offered} of {zones} zones of {region}: see that "
                    "the cell's are among them (aws ec2 describe-instance-type-offerings "
                    "--location-type availability-zone)",
                )


def _spanning(settings: Settings, today: date) -> Iterator[Caution]:
    for name, pool in settings.pools.items():
        if pool.layout == "spanning":
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.layout",
                text="an update goes through all zones at once, and the autoscaler cannot add a "
                "node in a certain zone: headroom and volumes of a zone may wait for one",
            )


def _warm_pool_without_bound(settings: Settings, today: date) -> Iterator[Caution]:
    for name, pool in settings.pools.items():
        if pool.warm_pool and pool.warm_pool.max_prepared is None:
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.warmPool.maxPrepared",
                text=f"without it every zone holds {pool.per_zone.max} nodes and warm instances, "
                "its perZone.max, all the time",
            )


def _pods_without_addresses(settings: Settings, today: date) -> Iterator[Caution]:
    pods = settings.network.pods
    if pods.cidr is None or pods.prefix_delegation:
        return
    for name, pool in settings.pools.items():
        types = [found for each in pool.instance_types if (found := instance_type(each))]
        most = max_pods_per_node(types) if types else 0
        few = [
            f"{each.name} has {addresses_for_pods(each)}"
            for each in types
            if addresses_for_pods(each) + HOST_PODS < most
        ]
        if few:
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.instanceTypes",
                text=f"EKS may let {most} pods onto a node, of which all but {HOST_PODS} need an "
                f"address of network.pods.cidr: {', '.join(few)}, and pods beyond that wait for "
                "one; network.pods.prefixDelegation: true gives 16 times as many",
            )


CAUTIONS = (
    _offered,
    _spanning,
    _warm_pool_without_bound,
    _pods_without_addresses,
)
