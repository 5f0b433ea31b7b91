"""Rules for subnet capacity: the subnets of a zone have enough addresses for the zone at rest.

docs/decisions/0047-only-subnets-that-are-too-small-at-rest-are-refused.md
"""

from collections.abc import Iterator

from core.availability.zone_loss import pack_fullest_zone
from core.network.subnet_capacity import RESERVED, addresses_of_pods, usable
from core.network.subnets import pod_subnet, zone_subnets
from settings.availability import zone_model_of
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


def _capacity(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each subnet without addresses for the nodes and pods of a zone.

    The zone has its minimum number of nodes, or as many as the minimum replicas and the headroom
    need. DaemonSets are not counted: most of their pods use the address of the node.
    """
    network = settings.network
    if network.existing or not network.zones_in:
        return
    zone = network.zones[0]  # the subnets of all zones have the same size
    nodes = pack_fullest_zone(zone_model_of(settings)).nodes
    pods = sum(
        addresses_of_pods(len(node.pods), prefixes=network.pods.prefix_delegation) for node in nodes
    )
    in_private = {"nodes": len(nodes), "endpoints": len(network.endpoints)}
    if network.pods.cidr:
        available = usable(pod_subnet(network.pods.cidr, zone))
        yield from _problem("pods.cidr", "pod", available, {"addresses of pods": pods})
    else:
        in_private["addresses of pods"] = pods
    available = usable(zone_subnets(network.cidr, zone).private)
    yield from _problem("cidr", "private", available, in_private)


def _problem(key: str, subnet: str, available: int, used: dict[str, int]) -> Iterator[Problem]:
    total = sum(used.values())
    if total > available:
        parts = " + ".join(f"{count:,} {noun}" for noun, count in used.items() if count)
        pods = ", or a pods.cidr" if key == "cidr" and "addresses of pods" in used else ""
        yield Problem(
            key=f"{NAMESPACE}:network.{key}",
            message=f"the {subnet} subnet of a zone has {available + RESERVED:,} − {RESERVED} = "
            f"{available:,} addresses, but a zone runs {parts} = {total:,} at the minimum; write a "
            f"larger {key}{pods}",
        )


RULES = (_capacity,)
