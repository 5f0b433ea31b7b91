"""Cautions about subnet capacity: when the addresses of a zone can run out.

docs/decisions/0047-only-subnets-that-are-too-small-at-rest-are-refused.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network

from core.facts.instance_types import InstanceType, instance_type
from core.network.subnet_capacity import (
    RESERVED,
    NodeAddresses,
    max_nodes_per_zone,
    node_addresses,
    usable,
)
from core.network.subnets import LARGEST_PODS, LARGEST_VPC, pod_subnet, zone_subnets
from settings.caution_rule import CautionRule
from settings.pool.pools import Pool
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


@dataclass(frozen=True, kw_only=True)
class _Demand:
    """The addresses that the nodes of one pool use in one zone."""

    pool: str
    nodes: int
    per_node: NodeAddresses


def _capacity(settings: Settings, today: date) -> Iterator[Caution]:
    network = settings.network
    if network.existing:
        return
    zone = network.zones[0]  # the subnets of all zones have the same size
    demands = list(_demands(settings, prefixes=network.pods.prefix_delegation))
    endpoints = len(network.endpoints)
    used = [(each, each.per_node.node_subnet) for each in demands]
    available = usable(zone_subnets(network.cidr, zone).private)
    if _sum(used) + endpoints > available:
        remedies = [*_larger("cidr", network.cidr, LARGEST_VPC)]
        if not network.pods.cidr:
            remedies += [*_without_pod_subnet(settings, _sum(used))]
        yield _caution("cidr", "private", available, used, endpoints, remedies)
    if network.pods.cidr:
        used = [(each, each.per_node.pod_subnet) for each in demands]
        available = usable(pod_subnet(network.pods.cidr, zone))
        if _sum(used) > available:
            remedies = [*_larger("pods.cidr", network.pods.cidr, LARGEST_PODS)]
            yield _caution("pods.cidr", "pod", available, used, 0, remedies)


def _larger(key: str, cidr: str, largest: int) -> Iterator[str]:
    if IPv4Network(cidr).prefixlen > largest:
        yield f"a larger {key}"


def _without_pod_subnet(settings: Settings, needed: int) -> Iterator[str]:
    """Yields the remedies besides a larger VPC, for pods in the subnet of their node."""
    with_prefixes = _demands(settings, prefixes=True)
    if sum(each.nodes * each.per_node.node_subnet for each in with_prefixes) < needed:
        yield "pods.prefixDelegation: true"
    yield "a pods.cidr"


def _sum(used: Sequence[tuple[_Demand, int]]) -> int:
    return sum(demand.nodes * addresses for demand, addresses in used)


def _caution(
    key: str,
    subnet: str,
    available: int,
    used: Sequence[tuple[_Demand, int]],
    endpoints: int,
    remedies: Sequence[str],
) -> Caution:
    parts = [f"{each.nodes} nodes of pool {each.pool} × {addresses}" for each, addresses in used]
    parts += [f"{endpoints} endpoint{'s' if endpoints > 1 else ''}"] if endpoints else []
    needed = _sum(used) + endpoints
    # With several pools, the number of nodes that fit depends on the pools that grow.
    fit = f" (at {(available - endpoints) // used[0][1]} full nodes)" if len(used) == 1 else ""
    remedy = " or ".join(filter(None, (", ".join(remedies), "a smaller perZone.max")))
    return Caution(
        key=f"{NAMESPACE}:network.{key}",
        text=f"the {subnet} subnet of a zone has {available + RESERVED:,} − {RESERVED} = "
        f"{available:,} addresses. {' + '.join(parts)} = {needed:,} are in use if every pool has "
        "perZone.max nodes and is being updated, and every node runs as many pods as it may; when "
        f"addresses run out, new nodes and pods do not start{fit}; write {remedy}",
    )


def _demands(settings: Settings, *, prefixes: bool) -> Iterator[_Demand]:
    """Yields the demand of each pool with a known instance type, for its largest node."""
    separate = settings.network.pods.cidr is not None
    for name, pool in settings.pools.items():
        types: list[InstanceType] = [*filter(None, map(instance_type, pool.instance_types))]
        per_type = [
            node_addresses(each, separate_pod_subnet=separate, prefixes=prefixes) for each in types
        ]
        if per_type:
            yield _Demand(
                pool=name,
                nodes=_max_nodes(pool, len(settings.network.zones)),
                per_node=max(per_type, key=lambda each: (each.pod_subnet, each.node_subnet)),
            )


def _max_nodes(pool: Pool, zones: int) -> int:
    spanning = pool.layout == "spanning"
    instances = pool.per_zone.max + (pool.warm_pool.min if pool.warm_pool else 0)
    max_unavailable = pool.update.at_once(instances * (zones if spanning else 1))
    return max_nodes_per_zone(
        instances, max_unavailable=max_unavailable, zones=zones, spanning=spanning
    )


CAUTIONS = (
    CautionRule("HA914", "Subnets have addresses for the maximum of all pools.", _capacity),
)
