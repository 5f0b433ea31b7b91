"""The order of a replacement. Every step is done or not, and whoever runs it again goes on.

    for each zone   new node group ─▸ as many nodes ready ─▸ old: no growth ─▸ cordon
                    ─▸ drain ─▸ cell whole ─▸ old: deleted

What has been done is read from the state and from AWS each time, and kept nowhere else.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from live.cell import NodeGroup
from settings.node_replacement import Replacement
from tools.deploy.replace_nodes.interfaces import AGAIN, Parts, ReplaceError, Unit

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
            deleted += self._retire(self._current(unit))
        return deleted

    def _current(self, unit: Unit) -> NodeGroup:
        """The node group of a unit, made anew unless it fits."""
        engine = self.parts.engine
        name = engine.node_group(unit.urn)
        groups = self.parts.cloud.node_groups()
        if name is None:
            raise ReplaceError(f"{unit.name}: there are no nodes to replace; make up makes them")
        if name not in groups:
            raise ReplaceError(f"{name}: in the state, but not in AWS; make up makes it anew")
        if groups[name].shape != unit.shape:
            self._wait(self._lacking, self.bounds.whole)
            engine.up(Replacement(step="retain", group=unit.name), [unit.urn])
            self.tell(f"{name} stays in AWS when it leaves the state")
            engine.up(Replacement(step="create", group=unit.name), [unit.urn, *unit.beside])
            name = str(engine.node_group(unit.urn))
            groups = self.parts.cloud.node_groups()
            self.tell(f"{name} is there: {unit.shape}")
        return groups[name]

    def _retire(self, current: NodeGroup) -> int:
        """Drains and deletes the others of the same pool and zone; how many."""
        others = [
            each
            for each in self.parts.cloud.node_groups().values()
            if (each.pool, each.zone) == (current.pool, current.zone) and each.name != current.name
        ]
        full = [each for each in others if each.status != "DELETING"]
        if full:
            self._make_room(current.name, full)
        for group in others:
            if group in full:
                self._empty(group)
            self.parts.cloud.delete(group)
            self.tell(f"{group.name} is deleted")
        return len(others)

    def _make_room(self, name: str, former: Sequence[NodeGroup]) -> None:
        """Has as many nodes ready in a group as the largest of the former ones has."""
        cloud, cluster = self.parts.cloud, self.parts.cluster
        current = cloud.node_groups()[name]
        nodes = max(current.desired, min(max(each.desired for each in former), current.max))
        if current.desired < nodes:
            cloud.resize(current, min=current.min, max=current.max, desired=nodes)
            places = ", ".join(each.name for each in former)
            self.tell(f"{name} has {nodes} nodes, for what runs on {places}")

        def missing() -> Sequence[str]:
            ready = cluster.ready_nodes(name)
            return [f"{name}: {ready} of {nodes} nodes are ready"] if ready < nodes else []

        self._wait(missing, self.bounds.nodes)

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
