"""Room in the subnets: each holds its share of the nodes and pods at their most."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.facts.instance_types import instance_type
from core.network.subnet_capacity import RESERVED, Taken, node_addresses, nodes_in_a_zone, usable
from core.network.subnets import pod_subnet, zone_subnets
from settings.pool.pools import Pool
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


@dataclass(frozen=True, kw_only=True)
class _Share:
    """What a pool takes of a zone."""

    pool: str
    nodes: int
    each: Taken


def _room(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    if network.existing:
        return
    zone = network.zones[0]  # every zone has as much
    shares = list(_shares(settings))
    taken = sum(share.nodes * share.each.node for share in shares) + len(network.endpoints)
    private = usable(zone_subnets(network.cidr, zone).private)
    if taken > private:
        parts = [f"{share.pool} {share.nodes} nodes × {share.each.node}" for share in shares]
        parts += [f"{len(network.endpoints)} endpoints"] if network.endpoints else []
        larger = "a larger network" if network.pods.cidr else "a larger network, or pods.cidr"
        yield Problem(
            key=f"{NAMESPACE}:network.cidr",
            value=network.cidr,
            message=_told(larger, "private subnet", private, parts, taken),
        )
    if network.pods.cidr:
        taken = sum(share.nodes * share.each.pods for share in shares)
        pods = usable(pod_subnet(network.pods.cidr, zone))
        if taken > pods:
            parts = [f"{share.pool} {share.nodes} nodes × {share.each.pods}" for share in shares]
            yield Problem(
                key=f"{NAMESPACE}:network.pods.cidr",
                value=network.pods.cidr,
                message=_told("a larger network", "pod subnet", pods, parts, taken),
            )


def _told(what: str, subnet: str, room: int, parts: list[str], taken: int) -> str:
    return (
        f"{what}, or smaller pools: a zone's {subnet} holds {room + RESERVED} − {RESERVED} = "
        f"{room} addresses, and takes {' + '.join(parts)} = {taken}, an update's nodes among them"
    )


def _shares(settings: Settings) -> Iterator[_Share]:
    """What each pool takes of a zone at most, by the hungriest of its types that are known."""
    pods = settings.network.pods
    for name, pool in settings.pools.items():
        types = filter(None, map(instance_type, pool.instance_types))
        each = [
            node_addresses(
                of_type, own_subnet=pods.cidr is not None, prefixes=pods.prefix_delegation
            )
            for of_type in types
        ]
        if each:
            yield _Share(
                pool=name,
                nodes=_nodes(pool, len(settings.network.zones)),
                each=max(each, key=lambda taken: (taken.pods, taken.node)),
            )


def _nodes(pool: Pool, zones: int) -> int:
    spanning = pool.layout == "spanning"
    most = pool.per_zone.max + (pool.warm_pool.min if pool.warm_pool else 0)
    unavailable = pool.update.at_once(most * (zones if spanning else 1))
    return nodes_in_a_zone(most, unavailable=unavailable, zones=zones, spanning=spanning)


RULES = (_room,)
