"""Cautions about ha-eks:pools."""

from collections.abc import Iterator
from datetime import date

from core.facts.accelerators import NAMES
from core.facts.instance_types import HOST_NETWORK_PODS, instance_type, zones_of
from core.network.subnet_capacity import addresses_for_pods, max_pods_per_node
from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings

_OFFERINGS = "aws ec2 describe-instance-type-offerings --location-type availability-zone"


def _instance_type_offerings(settings: Settings, today: date) -> Iterator[Caution]:
    region = settings.aws.region
    zones = zones_of(region)
    if zones is None:
        yield Caution(
            key="aws:region",
            text=f"this program does not know the instance types that EC2 offers in {region}, and "
            f"did not check instanceTypes; check the types: {_OFFERINGS} --region {region}",
        )
        return
    for name, pool in settings.pools.items():
        for index, each in enumerate(pool.instance_types):
            found = instance_type(each)
            offered = found.zones[region] if found else zones
            if offered < zones:
                yield Caution(
                    key=f"{NAMESPACE}:pools.{name}.instanceTypes[{index}]",
                    text=f"EC2 offers {each} in {offered} of {zones} zones of {region}; check that "
                    f"these include the zones of the cell: {_OFFERINGS} --region {region} "
                    f"--filters Name=instance-type,Values={each}",
                )


def _spanning(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution for each spanning pool.

    AZRebalance: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
    """
    for name, pool in settings.pools.items():
        if pool.layout == "spanning":
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.layout",
                text="EKS updates a spanning pool in all zones at once; the autoscaler cannot add "
                "a node in a certain zone, so that headroom and pods with a volume can stay "
                "pending; and when the zones are uneven, as after a zone failure, Auto Scaling "
                "terminates nodes to balance them (AZRebalance), at the latest 15 minutes after "
                "their drain began, also against disruption budgets; write layout: perZone to "
                "avoid all three",
            )


def _warm_pool_without_limit(settings: Settings, today: date) -> Iterator[Caution]:
    for name, pool in settings.pools.items():
        if pool.warm_pool and pool.warm_pool.max_prepared is None:
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.warmPool.maxPrepared",
                text=f"without maxPrepared, each zone always has {pool.per_zone.max} nodes and "
                "warm instances together, which is perZone.max; write a maxPrepared to have fewer",
            )


def _pods_without_addresses(settings: Settings, today: date) -> Iterator[Caution]:
    pods = settings.network.pods
    if pods.cidr is None or pods.prefix_delegation:
        return
    for name, pool in settings.pools.items():
        types = [found for each in pool.instance_types if (found := instance_type(each))]
        max_pods = max_pods_per_node(types) if types else 0
        too_few = [
            f"{each.name} has {addresses_for_pods(each)}"
            for each in types
            if addresses_for_pods(each) + HOST_NETWORK_PODS < max_pods
        ]
        if too_few:
            yield Caution(
                key=f"{NAMESPACE}:pools.{name}.instanceTypes",
                text=f"EKS may allow {max_pods} pods on a node, of which "
                f"{max_pods - HOST_NETWORK_PODS} need an address of network.pods.cidr, but "
                f"{', '.join(too_few)}; pods without an address do not start; write "
                "network.pods.prefixDelegation: true for 16 times as many addresses",
            )


def _unused_devices(settings: Settings, today: date) -> Iterator[Caution]:
    for name, workload in settings.workloads.items():
        pool = settings.pools.get(workload.pool or "")
        if pool and pool.device and not workload.requests.device:
            yield Caution(
                key=settings.key_of(name, "pool"),
                text=f"the pods tolerate the taint of nodes with {NAMES[pool.device]}s but request "
                f"none, so that they take CPU and memory from pods that do; write "
                f"requests.{pool.device}, or another pool",
            )


CAUTIONS = (
    CautionRule(
        "HA905",
        "EC2 offers the instance types in all zones of the region.",
        _instance_type_offerings,
    ),
    CautionRule("HA906", "A pool has one node group per zone.", _spanning),
    CautionRule("HA907", "A warm pool has a maximum.", _warm_pool_without_limit),
    CautionRule(
        "HA908",
        "A node has an address for each pod that EKS allows on it.",
        _pods_without_addresses,
    ),
    CautionRule("HA947", "Pods in a pool with accelerators request them.", _unused_devices),
)
