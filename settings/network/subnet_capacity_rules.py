"""Rules for subnet capacity: the subnets of a zone have addresses for its nodes and pods."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.facts.instance_types import instance_type
from core.network.subnet_capacity import (
    RESERVED,
    NodeAddresses,
    max_nodes_per_zone,
    node_addresses,
    usable,
)
from core.network.subnets import pod_subnet, zone_subnets
from settings.pool.pools import Pool
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


@dataclass(frozen=True, kw_only=True)
class _Demand:
    """The addresses that the nodes of one pool use in one zone."""

    pool: str
    nodes: int
    per_node: NodeAddresses


def _capacity(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    if network.existing:
        return
    zone = network.zones[0]  # the subnets of all zones have the same size
    demands = list(_demands(settings))
    endpoints = len(network.endpoints)
    needed = sum(each.nodes * each.per_node.node_subnet for each in demands) + endpoints
    available = usable(zone_subnets(network.cidr, zone).private)
    if needed > available:
        parts = [_part(each, each.per_node.node_subnet) for each in demands]
        parts += [f"{endpoints} endpoint{'s' if endpoints > 1 else ''}"] if endpoints else []
        remedy = "write a larger cidr or a smaller perZone.max"
        if not network.pods.cidr:
            remedy = "write a larger cidr, a pods.cidr or a smaller perZone.max"
        yield Problem(
            key=f"{NAMESPACE}:network.cidr",
            message=_message("private", available, parts, needed, remedy),
        )
    if network.pods.cidr:
        needed = sum(each.nodes * each.per_node.pod_subnet for each in demands)
        available = usable(pod_subnet(network.pods.cidr, zone))
        if needed > available:
            parts = [_part(each, each.per_node.pod_subnet) for each in demands]
            remedy = "write a larger pods.cidr or a smaller perZone.max"
            yield Problem(
                key=f"{NAMESPACE}:network.pods.cidr",
                message=_message("pod", available, parts, needed, remedy),
            )


def _part(demand: _Demand, addresses: int) -> str:
    return f"{demand.nodes} nodes of pool {demand.pool} × {addresses}"


def _message(subnet: str, available: int, parts: list[str], needed: int, remedy: str) -> str:
    return (
        f"the {subnet} subnet of a zone has {available + RESERVED:,} − {RESERVED} = "
        f"{available:,} addresses, but {' + '.join(parts)} = {needed:,} are needed while nodes "
        f"are updated; {remedy}"
    )


def _demands(settings: Settings) -> Iterator[_Demand]:
    """Yields the demand of each pool with a known instance type, for its largest node."""
    pods = settings.network.pods
    for name, pool in settings.pools.items():
        types = filter(None, map(instance_type, pool.instance_types))
        per_type = [
            node_addresses(
                each, separate_pod_subnet=pods.cidr is not None, prefixes=pods.prefix_delegation
            )
            for each in types
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


RULES = (_capacity,)
