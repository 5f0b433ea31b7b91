"""A pool's node groups in the state, in AWS and in the cluster, in memory.

It takes steps as the three do, and raises `HarmError` for one that would cost pods their nodes.
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
    """A step that takes nodes away from under pods, or that AWS or the engine would refuse."""


class KilledError(Exception):
    """The replacement is killed after a step."""


def unit(zone: str, pool: str = "general", shape: Shape = WANTED) -> Unit:
    """The node group of a zone, as the stack file asks for it."""
    name = f"nodes-{pool}-{zone}"
    return Unit(name=name, urn=f"urn:{name}", pool=pool, zone=zone, shape=shape,
                beside=(f"urn:template-{pool}",))  # fmt: skip


def group(name: str, zone: str = "a", **changes: object) -> NodeGroup:
    """A node group in AWS; its pool is `general` unless said otherwise."""
    base = NodeGroup(
        name=name, pool="general", zone=zone, subnets=(f"subnet-{zone}",), shape=FORMER,
        version="1.36", status="ACTIVE", min=2, desired=2, max=8,
    )  # fmt: skip
    return replace(base, **changes)  # pyright: ignore[reportArgumentType]


@dataclass
class World:
    """What there is. Every step that changes something is written into the journal."""

    size: tuple[int, int, int] = (2, 2, 8)
    """Minimum, first desired and maximum of a node group that is made."""
    groups: dict[str, NodeGroup] = field(default_factory=dict[str, NodeGroup])
    state: dict[str, str] = field(default_factory=dict[str, str])
    """Name in AWS of the node group with a URN in the state."""
    retained: set[str] = field(default_factory=set[str])
    """URNs whose group stays in AWS when it leaves the state."""
    cordoned: set[str] = field(default_factory=set[str])
    drained: set[str] = field(default_factory=set[str])
    journal: list[str] = field(default_factory=list[str])
    lives: int | None = None
    """Steps until the replacement is killed; None: it is not."""
    now: float = 0.0
    """Seconds of the world's clock, which runs while a replacement sleeps."""
    joining: float = 0.0
    """Seconds until the nodes of a new or a larger group are ready."""
    settling: float = 0.0
    """Seconds until the pods that were evicted are ready again."""
    ready_at: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])
    """When a group's nodes are all ready, and how many of them were before."""
    whole_at: float = 0.0
    targets_at: float = 0.0
    made: int = 0

    # What a test says.

    def there(self, each: NodeGroup, of: Unit | None = None) -> "World":
        """Puts a group into AWS, and into the state if it is a unit's."""
        self.groups[each.name] = each
        if of is not None:
            self.state[of.urn] = each.name
        return self

    def parts(self, units: Sequence[Unit]) -> Parts:
        """All that a replacement takes."""
        return Parts(
            engine=Engine(self, {each.urn: each for each in units}),
            cloud=Cloud(self),
            cluster=Cluster(self),
        )

    # Time, as the module of that name.

    def monotonic(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Lets time go by."""
        assert seconds > 0, "nothing would ever change"
        self.now += seconds

    # What its parts share.

    def step(self, text: str) -> None:
        """A step that was done."""
        self.journal.append(text)
        if self.lives is not None:
            self.lives -= 1
            if not self.lives:
                raise KilledError

    def ready(self, name: str) -> int:
        """Nodes of a group that take pods."""
        if name in self.cordoned:
            return 0
        at, before = self.ready_at.get(name, (0.0, 0))
        return self.groups[name].desired if self.now >= at else before

    def grown(self, name: str, before: int) -> None:
        """Its further nodes come in a while."""
        self.ready_at[name] = (self.now + self.joining, before)


@dataclass(frozen=True)
class Engine:
    """Pulumi."""

    world: World
    units: Mapping[str, Unit]

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        world = self.world
        [urn] = [each for each in urns if each in self.units]
        of = self.units[urn]
        if replacing.group != of.name:
            raise HarmError(f"{replacing} is told, {urn} is brought up")
        former = world.state.get(urn)
        if replacing.step == "retain":
            if list(urns) != [urn] or former is None:
                raise HarmError(f"more than {urn} is brought up to be marked")
            world.retained.add(urn)
        else:
            if list(urns) != [urn, *of.beside]:
                raise HarmError(f"{urn} needs its launch template: {urns}")
            if former is None or world.groups[former].shape != of.shape:
                self._make(of, former)
        world.step(str(replacing))

    def _make(self, of: Unit, former: str | None) -> None:
        world = self.world
        if former is not None and of.urn not in world.retained:
            raise HarmError(f"the engine deletes {former}, which is full of pods")
        world.retained.discard(of.urn)  # it is the mark of the one that left
        world.made += 1
        name = f"{of.name}-{world.made}"
        least, first, most = world.size
        world.there(
            NodeGroup(
                name=name, pool=of.pool, zone=of.zone, subnets=(f"subnet-{of.zone}",),
                shape=of.shape, version="1.36", status="ACTIVE", min=least, desired=first, max=most,
            ),
            of,
        )  # fmt: skip
        world.grown(name, 0)

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
            raise HarmError(f"{group.name} loses nodes with pods on them")
        if desired > now.desired:
            world.grown(group.name, world.ready(group.name))
        world.groups[group.name] = replace(now, min=min, max=max, desired=desired)
        world.step(f"resize {group.name} {min} {desired} {max}")

    def delete(self, group: NodeGroup) -> None:
        world = self.world
        if group.name in world.state.values():
            raise HarmError(f"{group.name} is in the state: the next up would make it again")
        if group.name not in world.drained and world.groups[group.name].status != "DELETING":
            raise HarmError(f"{group.name} goes with pods on it")
        del world.groups[group.name]
        world.step(f"delete {group.name}")

    def lacking(self) -> Sequence[str]:
        return ["web: 5 of 6 targets are healthy"] if self.world.now < self.world.targets_at else []


@dataclass(frozen=True)
class Cluster:
    """Kubernetes."""

    world: World

    def ready_nodes(self, group: str) -> int:
        return self.world.ready(group)

    def cordon(self, group: str) -> None:
        world = self.world
        if group in world.state.values():
            raise HarmError(f"{group} is to stay, and takes no more pods")
        now = world.groups[group]
        if now.min or now.max > max(now.desired, 1):
            raise HarmError(f"{group} would grow again: the autoscaler may, and keeps {now.min}")
        self._room_beside(now)
        world.cordoned.add(group)
        world.step(f"cordon {group}")

    def drain(self, group: str) -> None:
        world = self.world
        if group not in world.cordoned:
            raise HarmError(f"{group} is drained, and takes pods again at once")
        if group not in world.drained:
            world.drained.add(group)
            world.whole_at = world.now + world.settling
            world.targets_at = world.now + 2 * world.settling
        world.step(f"drain {group}")

    def lacking(self) -> Sequence[str]:
        return ["web/web: 5 of 6 pods are ready"] if self.world.now < self.world.whole_at else []

    def _room_beside(self, former: NodeGroup) -> None:
        """Its pods have to find as many nodes in its place: in its zone, or over all of them."""
        world = self.world
        pool = [each for each in world.groups.values() if each.pool == former.pool]
        current = [each for each in pool if each.name in world.state.values()]
        in_zone = [each for each in current if each.zone == former.zone]
        nodes, wanted = sum(world.ready(each.name) for each in in_zone), former.desired
        most = sum(each.max for each in in_zone)
        if nodes < min(wanted, most):
            raise HarmError(f"{nodes} nodes for the pods of {former.name}, which had {wanted}")


class Held:
    """A cluster that evicts nothing: a budget holds it. All else is as it was."""

    def __init__(self, cluster: Cluster) -> None:
        self.ready_nodes, self.cordon, self.lacking = (
            cluster.ready_nodes, cluster.cordon, cluster.lacking,
        )  # fmt: skip

    def drain(self, group: str) -> None:
        raise ReplaceError(f"kubectl drain {group}: timed out")
