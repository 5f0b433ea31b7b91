"""The order of a replacement. Every step is done or not, and whoever runs it again goes on.

    for each zone   new node group ─▸ as many nodes ready ─▸ old: no growth ─▸ cordon
                    ─▸ drain ─▸ cell whole ─▸ old: deleted

What has been done is read from the state and from AWS each time, and kept nowhere else.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.tags import SPANNING
from live.cell import NodeGroup
from replacement.parts import AGAIN, Parts, ReplaceError, Unit
from settings.replacement import Replacement

_POLL = 5.0


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How long is waited, in seconds."""

    nodes: float = 20 * 60
    """For new nodes to be ready."""
    whole: float = 15 * 60
    """For the cell to be whole."""


@dataclass(frozen=True, kw_only=True)
class Replacing:
    """Replaces what does not fit the stack file."""

    parts: Parts
    tell: Callable[[str], None]
    """Told of each step, once it is done."""
    bounds: Bounds = Bounds()

    def run(self, units: Sequence[Unit]) -> int:
        """Replaces the node groups of some units, in their order; how many were deleted.

        Raises ReplaceError if something takes longer than its bound, or is not there.
        """
        deleted = 0
        for unit in units:
            current = self._current(unit)
            deleted += self._retire([current], lambda each, zone=unit.zone: each.zone == zone)
        for pool in dict.fromkeys(unit.pool for unit in units):
            # Those of another layout go once all that takes their place is there.
            currents = [self._current(unit) for unit in units if unit.pool == pool]
            spans = any(each.zone == SPANNING for each in currents)
            deleted += self._retire(currents, lambda each, s=spans: s or each.zone == SPANNING)
        return deleted

    def _current(self, unit: Unit) -> NodeGroup:
        """The node group of a unit, made anew unless it fits."""
        engine = self.parts.engine
        name = engine.node_group(unit.urn)
        groups = self.parts.cloud.node_groups()
        if name is None and not any(each.pool == unit.pool for each in groups.values()):
            raise ReplaceError(f"{unit.name}: there are no nodes to replace; make up makes them")
        if name is not None and name not in groups:
            raise ReplaceError(
                f"{name}: in the state, but not in AWS; pulumi refresh takes it out, then make up"
            )
        if name is None or groups[name].shape != unit.shape:
            self._wait(self._lacking, self.bounds.whole)
            if name is not None:
                engine.up(Replacement(step="retain", group=unit.name), [unit.urn])
                self.tell(f"{name} stays in AWS when it leaves the state")
            engine.up(Replacement(step="create", group=unit.name), self._targets(unit, name))
            name = str(engine.node_group(unit.urn))
            groups = self.parts.cloud.node_groups()
            self.tell(f"{name} is there: {unit.shape}")
        return groups[name]

    def _targets(self, unit: Unit, name: str | None) -> Sequence[str]:
        """What is made with a unit's group, of which the state has `name`.

        Beside a group of another layout, which has left the program, Pulumi takes little: it
        deletes what depends on a target, such as that group on its launch template; and if it
        makes anything after the new group, it may write a state whose order it then refuses.
        """
        if name is not None:
            return [unit.urn, *unit.beside, *unit.after]
        return [unit.urn, *(each for each in unit.beside if not self.parts.engine.has(each))]

    def _retire(self, currents: Sequence[NodeGroup], former: Callable[[NodeGroup], bool]) -> int:
        """Drains and deletes the others of the same pool that `former` names."""
        names = [each.name for each in currents]
        others = [
            each
            for each in self.parts.cloud.node_groups().values()
            if each.pool == currents[0].pool and each.name not in names and former(each)
        ]
        full = [each for each in others if each.status != "DELETING"]
        if full:
            self._make_room(names, full)
        for group in others:
            if group in full:
                self._empty(group)
            self.parts.cloud.delete(group)
            self.tell(f"{group.name} is deleted")
        return len(others)

    def _make_room(self, names: Sequence[str], former: Sequence[NodeGroup]) -> None:
        """Has as many nodes ready in the groups of some names, evenly, as the former ones have."""
        cloud, cluster = self.parts.cloud, self.parts.cluster
        nodes = sum(
            max(each.desired for each in former if each.zone == zone)
            for zone in {each.zone for each in former}
        )
        groups = cloud.node_groups()
        wanted: dict[str, int] = {}
        for name in names:
            current = groups[name]
            wanted[name] = max(current.desired, min(-(-nodes // len(names)), current.max))
            if current.desired < wanted[name]:
                cloud.resize(current, min=current.min, max=current.max, desired=wanted[name])
                places = ", ".join(each.name for each in former)
                self.tell(f"{name} has {wanted[name]} nodes, for what runs on {places}")
        self._wait(
            lambda: [
                f"{name}: {ready} of {count} nodes are ready"
                for name, count in wanted.items()
                if (ready := cluster.ready_nodes(name)) < count
            ],
            self.bounds.nodes,
        )

    def _empty(self, group: NodeGroup) -> None:
        """Moves what runs on a group's nodes away, to where there is room for it."""
        cloud, cluster = self.parts.cloud, self.parts.cluster
        if group.min or group.max != max(group.desired, 1):
            cloud.resize(group, min=0, max=max(group.desired, 1), desired=group.desired)
            self.tell(f"{group.name} grows no more")
        cluster.cordon(group.name)
        self.tell(f"{group.name} takes no more pods")
        cluster.drain(group.name)
        self.tell(f"{group.name} is drained")
        self._wait(self._lacking, self.bounds.whole)
        self.tell("the cell is whole")

    def _lacking(self) -> Sequence[str]:
        return [*self.parts.cluster.lacking(), *self.parts.cloud.lacking()]

    def _wait(self, lacking: Callable[[], Sequence[str]], seconds: float) -> None:
        """Waits until nothing is lacking."""
        until = time.monotonic() + seconds
        while found := lacking():
            if time.monotonic() > until:
                raise ReplaceError(
                    f"after {seconds / 60:.0f} minutes still: {'; '.join(found)}; {AGAIN}"
                )
            time.sleep(min(_POLL, seconds / 10))
