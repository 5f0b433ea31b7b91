"""Implements Pulumi, AWS and Kubernetes for a node replacement in memory.

Raises `HarmError` for a step that would remove nodes from under pods, or that AWS or Pulumi would
refuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from live.cell import NodeGroup, Shape
from settings.node_replacement import Replacement
from tools.deploy.replace_nodes.interfaces import Parts, ReplaceError, Unit

FORMER = Shape(
    ami_type="AL2023_x86_64_STANDARD", capacity_type="ON_DEMAND", instance_types=(), zones=("a",)
)
WANTED = replace(FORMER, ami_type="BOTTLEROCKET_x86_64")


class HarmError(Exception):
    """A step would remove nodes from under pods, or AWS or Pulumi would refuse it."""


class KilledError(Exception):
    """The replacement is killed after a step."""


def unit(zone: str, pool: str = "general", shape: Shape = WANTED) -> Unit:
    """Returns the node group of a zone that the stack file requires."""
    name = f"nodes-{pool}-{zone}"
    return Unit(name=name, urn=f"urn:{name}", pool=pool, zone=zone, shape=shape,
                related=(f"urn:template-{pool}",))  # fmt: skip


def group(name: str, zone: str = "a", **changes: object) -> NodeGroup:
    """Returns a node group in AWS, by default of the pool `general`."""
    base = NodeGroup(
        name=name, pool="general", zone=zone, subnets=(f"subnet-{zone}",), shape=FORMER,
        version="1.36", status="ACTIVE", min=2, desired=2, max=8,
    )  # fmt: skip
    return replace(base, **changes)  # pyright: ignore[reportArgumentType]


@dataclass
class World:
    """State, AWS and cluster. The journal records every step that changes one of them."""

    size: tuple[int, int, int] = (2, 2, 8)
    """Minimum, initial desired and maximum size of a new node group."""
    groups: dict[str, NodeGroup] = field(default_factory=dict[str, NodeGroup])
    state: dict[str, str] = field(default_factory=dict[str, str])
    """Names in AWS by the URN in the state."""
    retained: set[str] = field(default_factory=set[str])
    """URNs whose node group stays in AWS when it leaves the state."""
    cordoned: set[str] = field(default_factory=set[str])
    drained: set[str] = field(default_factory=set[str])
    journal: list[str] = field(default_factory=list[str])
    steps_until_kill: int | None = None
    """Steps until the replacement is killed; None: no kill."""
    now: float = 0.0
    """Seconds of the simulated clock, which advances when a replacement sleeps."""
    node_startup: float = 0.0
    """Seconds until the nodes of a new or larger node group are ready."""
    pod_startup: float = 0.0
    """Seconds until evicted pods are ready again."""
    ready_at: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])
    """Time when all nodes of a node group are ready, and the number of nodes ready before."""
    pods_ready_at: float = 0.0
    targets_healthy_at: float = 0.0
    created: int = 0
    """Number of created node groups."""

    def add(self, each: NodeGroup, wanted: Unit | None = None) -> "World":
        """Adds a node group to AWS, and to the state if it belongs to a unit."""
        self.groups[each.name] = each
        if wanted is not None:
            self.state[wanted.urn] = each.name
        return self

    def parts(self, units: Sequence[Unit]) -> Parts:
        """Returns the three interfaces."""
        return Parts(
            engine=Engine(self, {each.urn: each for each in units}),
            cloud=Cloud(self),
            cluster=Cluster(self),
        )

    # Replaces the module `time`.

    def monotonic(self) -> float:
        """Returns the simulated time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advances the simulated time."""
        assert seconds > 0, "the replacement would wait for ever"
        self.now += seconds

    def step(self, text: str) -> None:
        """Records a completed step, and kills the replacement after the last allowed one."""
        self.journal.append(text)
        if self.steps_until_kill is not None:
            self.steps_until_kill -= 1
            if not self.steps_until_kill:
                raise KilledError

    def ready(self, name: str) -> int:
        """Returns the number of ready and schedulable nodes of a node group."""
        if name in self.cordoned:
            return 0
        at, before = self.ready_at.get(name, (0.0, 0))
        return self.groups[name].desired if self.now >= at else before

    def start_nodes(self, name: str, before: int) -> None:
        """Starts the additional nodes of a node group, which become ready later."""
        self.ready_at[name] = (self.now + self.node_startup, before)


@dataclass(frozen=True)
class Engine:
    """Pulumi."""

    world: World
    units: Mapping[str, Unit]

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        world = self.world
        [urn] = [each for each in urns if each in self.units]
        wanted = self.units[urn]
        if replacing.group != wanted.name:
            raise HarmError(f"the step is {replacing}, but {urn} is updated")
        former = world.state.get(urn)
        if replacing.step == "retain":
            if list(urns) != [urn] or former is None:
                raise HarmError(f"the step retain must update only {urn}")
            world.retained.add(urn)
        else:
            if list(urns) != [urn, *wanted.related]:
                raise HarmError(f"{urn} needs its launch template: {urns}")
            if former is None or world.groups[former].shape != wanted.shape:
                self._create(wanted, former)
        world.step(str(replacing))

    def _create(self, wanted: Unit, former: str | None) -> None:
        world = self.world
        if former is not None and wanted.urn not in world.retained:
            raise HarmError(f"Pulumi deletes {former}, which has pods")
        world.retained.discard(wanted.urn)  # the mark belongs to the former node group
        world.created += 1
        name = f"{wanted.name}-{world.created}"
        minimum, desired, maximum = world.size
        world.add(
            NodeGroup(
                name=name, pool=wanted.pool, zone=wanted.zone, subnets=(f"subnet-{wanted.zone}",),
                shape=wanted.shape, version="1.36", status="ACTIVE", min=minimum, desired=desired,
                max=maximum,
            ),
            wanted,
        )  # fmt: skip
        world.start_nodes(name, 0)

    def node_group(self, urn: str) -> str | None:
        return self.world.state.get(urn)


@dataclass(frozen=True)
class Cloud:
    """AWS."""

    world: World

    def node_groups(self) -> Mapping[str, NodeGroup]:
        return dict(self.world.groups)

    def resize(self, group: NodeGroup, *, min: int, max: int, desired: int) -> None:
        world, now = self.world, self.world.groups[group.name]
        if not (0 <= min <= desired <= max and max >= 1) or now.status != "ACTIVE":
            raise HarmError(f"AWS refuses {min}, {desired}, {max} of {now}")
        if desired < now.desired:
            raise HarmError(f"{group.name} loses nodes that have pods")
        if desired > now.desired:
            world.start_nodes(group.name, world.ready(group.name))
        world.groups[group.name] = replace(now, min=min, max=max, desired=desired)
        world.step(f"resize {group.name} {min} {desired} {max}")

    def delete(self, group: NodeGroup) -> None:
        world = self.world
        if group.name in world.state.values():
            raise HarmError(f"{group.name} is in the state: the next up would create it again")
        if group.name not in world.drained and world.groups[group.name].status != "DELETING":
            raise HarmError(f"{group.name} is deleted while pods run on it")
        del world.groups[group.name]
        world.step(f"delete {group.name}")

    def not_ready(self) -> Sequence[str]:
        return (
            ["web: 5 of 6 targets are healthy"]
            if self.world.now < self.world.targets_healthy_at
            else []
        )


@dataclass(frozen=True)
class Cluster:
    """Kubernetes."""

    world: World

    def ready_nodes(self, group: str) -> int:
        return self.world.ready(group)

    def cordon(self, group: str) -> None:
        world = self.world
        if group in world.state.values():
            raise HarmError(f"{group} is the current node group, and becomes unschedulable")
        now = world.groups[group]
        if now.min or now.max > max(now.desired, 1):
            raise HarmError(f"{group} can still scale up, or has the minimum size {now.min}")
        self._check_other_nodes(now)
        world.cordoned.add(group)
        world.step(f"cordon {group}")

    def drain(self, group: str) -> None:
        world = self.world
        if group not in world.cordoned:
            raise HarmError(f"{group} is drained without a cordon: new pods would run on it")
        if group not in world.drained:
            world.drained.add(group)
            world.pods_ready_at = world.now + world.pod_startup
            world.targets_healthy_at = world.now + 2 * world.pod_startup
        world.step(f"drain {group}")

    def not_ready(self) -> Sequence[str]:
        return (
            ["web/web: 5 of 6 pods are ready"] if self.world.now < self.world.pods_ready_at else []
        )

    def _check_other_nodes(self, former: NodeGroup) -> None:
        """Raises HarmError unless the current node group of the zone has as many ready nodes."""
        world = self.world
        pool = [each for each in world.groups.values() if each.pool == former.pool]
        current = [each for each in pool if each.name in world.state.values()]
        in_zone = [each for each in current if each.zone == former.zone]
        nodes = sum(world.ready(each.name) for each in in_zone)
        maximum = sum(each.max for each in in_zone)
        if nodes < min(former.desired, maximum):
            raise HarmError(
                f"{nodes} nodes for the pods of {former.name}, which had {former.desired}"
            )


class BlockedDrain:
    """A cluster in which a disruption budget blocks every drain."""

    def __init__(self, cluster: Cluster) -> None:
        self.ready_nodes, self.cordon = cluster.ready_nodes, cluster.cordon
        self.not_ready = cluster.not_ready

    def drain(self, group: str) -> None:
        raise ReplaceError(f"kubectl drain {group}: timed out")
