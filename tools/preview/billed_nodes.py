"""Counts the instances and volumes of the node groups of a recording, for a number of nodes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from core.availability.warm_pool import warm_instances
from core.availability.zone_loss import nodes_at_rest
from core.cost.by_time import Instances
from core.tags import POOL, SPANNING, ZONE
from settings import Settings
from settings.availability import zone_model_of
from settings.pool.pools import Pool
from tools.recording import Recording

Inputs = dict[str, Any]  # Any: inputs are JSON of any shape

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"

Nodes = Literal["minimum", "at rest", "maximum"]
"""Number of nodes: the minimum of each pool, as many as the pods and the headroom at rest need, or
the maximum of each pool."""

SPOT = "spot, at the on-demand price"
"""Note of spot instances, which have no list price: an upper bound."""


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """Instances of a node group."""

    pool: str
    nodes: Mapping[str, int]
    """Number of nodes in each zone."""
    warm: int
    """Number of instances in the warm pool."""
    warm_running: bool
    """True if the instances of the warm pool run; False if they are stopped."""


def node_groups(recording: Recording, nodes: Nodes) -> Sequence[NodeGroup]:
    """Returns all node groups with a number of nodes."""
    return list(_groups(recording, nodes_per_zone(recording.settings, nodes)))


def nodes_per_zone(settings: Settings, nodes: Nodes) -> Mapping[str, int]:
    """Returns the number of nodes of each pool in each zone in service, by name of the pool."""
    model = zone_model_of(settings)
    if nodes == "at rest":
        return nodes_at_rest(model)
    return {
        name: pool.min if nodes == "minimum" else pool.max for name, pool in model.pools.items()
    }


def volume_sizes(recording: Recording) -> Mapping[str, int]:
    """Returns the GiB of the volumes of a node of each pool, by name of the pool."""
    sizes: dict[str, int] = {}
    for resource in recording.of_type(TEMPLATE):
        inputs = cast("Inputs", resource.inputs)
        pool = inputs["tagSpecifications"][0]["tags"][POOL]
        sizes[pool] = sum(each["ebs"]["volumeSize"] for each in inputs["blockDeviceMappings"])
    return sizes


def _groups(recording: Recording, counts: Mapping[str, int]) -> Iterator[NodeGroup]:
    settings = recording.settings
    for resource in recording.of_type(NODE_GROUP):
        inputs = cast("Inputs", resource.inputs)
        pool, zone = inputs["tags"][POOL], inputs["tags"][ZONE]
        zones_in = settings.network.zones_in
        zones = zones_in if zone == SPANNING else [each for each in zones_in if each == zone]
        warm: Inputs = inputs.get("warmPoolConfig") or {}
        yield NodeGroup(
            pool=pool,
            nodes=dict.fromkeys(zones, counts[pool]),
            warm=_warm(warm, inputs["scalingConfig"]["maxSize"], counts[pool] * len(zones)),
            warm_running=warm.get("poolState") == "RUNNING",
        )


def _warm(config: Inputs, max_size: int, nodes: int) -> int:
    """Returns the number of instances in a warm pool beside some nodes."""
    if not config:
        return 0
    return warm_instances(
        minimum=config["minSize"],
        max_prepared=config["maxGroupPreparedCapacity"],
        max_size=max_size,
        nodes=nodes,
    )


def instances(recording: Recording, groups: Iterable[NodeGroup]) -> Iterator[Instances]:
    """Yields the instances of node groups, warm pools and unused reservations.

    Running instances use an open reservation of their type and zone, also those of a warm pool.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html
    """
    settings = recording.settings
    counts = Counter[tuple[tuple[str, ...], str]]()
    running = Counter[tuple[str, str]]()
    for group in groups:
        pool = settings.pools[group.pool]
        counts[pool.instance_types, _note(pool)] += sum(group.nodes.values())
        warm = group.warm if group.warm_running else 0
        if group.warm_running:
            counts[pool.instance_types, "warm pool"] += warm
        for number, (zone, nodes) in enumerate(group.nodes.items()):
            if not pool.mixed:
                prepared = (warm + number) // len(group.nodes)  # even over the zones
                running[pool.instance_types[0], zone] += nodes + prepared
    for (type_, zone), reserved in _reserved(recording).items():
        unused = reserved - running[type_, zone]
        counts[(type_,), "reserved, unused"] += max(0, unused)
    for (types, note), count in counts.items():
        yield Instances(instance_types=types, count=count, note=note)


def _note(pool: Pool) -> str:
    return SPOT if pool.capacity_type == "SPOT" else ""


def _reserved(recording: Recording) -> Counter[tuple[str, str]]:
    """Returns the instances that capacity reservations hold, by type and zone."""
    reserved = Counter[tuple[str, str]]()
    for resource in recording.of_type(RESERVATION):
        inputs = cast("Inputs", resource.inputs)
        reserved[inputs["instanceType"], inputs["availabilityZone"]] += inputs["instanceCount"]
    return reserved


def node_volumes(recording: Recording, groups: Iterable[NodeGroup]) -> int:
    """Returns the GiB of the volumes of all nodes and warm instances."""
    sizes = volume_sizes(recording)
    return sum((sum(each.nodes.values()) + each.warm) * sizes[each.pool] for each in groups)
