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
from replacement.parts import Parts, ReplaceError, Unit
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
            deleted += self._retire(current, lambda each, zone=unit.zone: each.zone == zone)
        for unit in units:  # those of another layout go once all that takes their place is there
            others = self._retire(
                self._current(unit), lambda each, zone=unit.zone: SPANNING in (each.zone, zone)
            )
            deleted += others
        return deleted

    def _current(self, unit: Unit) -> NodeGroup:
        """The node group of a unit, made anew unless it fits."""
        engine = self.parts.engine
        name = engine.node_group(unit.urn)
        groups = self.parts.cloud.node_groups()
        if name is None and not any(each.pool == unit.pool for each in groups.values()):
            raise ReplaceError(f"{unit.name}: there are no nodes to replace; make up makes them")
        if name is not None and name not in groups:
            raise ReplaceError(f"{name}: in the state, but not in AWS; make up makes it anew")
        if name is None or groups[name].shape != unit.shape:
            self._wait(self._lacking, self.bounds.whole)
            if name is not None:
                engine.up(Replacement(step="retain", group=unit.name), [unit.urn])
                self.tell(f"{name} stays in AWS when it leaves the state")
            engine.up(Replacement(step="create", group=unit.name), [unit.urn, *unit.beside])
            name = str(engine.node_group(unit.urn))
            groups = self.parts.cloud.node_groups()
            self.tell(f"{name} is there: {unit.shape}")
        return groups[name]

    def _retire(self, current: NodeGroup, former: Callable[[NodeGroup], bool]) -> int:
        """Drains and deletes the others of the same pool that `former` names."""
        groups = self.parts.cloud.node_groups().values()
        others = [
            each
            for each in groups
            if each.pool == current.pool and each.name != current.name and former(each)
        ]
        for group in others:
            if group.status != "DELETING":
                self._empty(group, self.parts.cloud.node_groups()[current.name])
            self.parts.cloud.delete(group)
            self.tell(f"{group.name} is deleted")
        return len(others)

    def _empty(self, group: NodeGroup, current: NodeGroup) -> None:
        """Moves what runs on a group's nodes away, to those of the one in its place."""
        cloud, cluster = self.parts.cloud, self.parts.cluster
        nodes = min(group.desired, current.max)
        if current.desired < nodes:
            cloud.resize(current, min=current.min, max=current.max, desired=nodes)
            self.tell(f"{current.name} has {nodes} nodes, as many as {group.name}")
        wanted = max(nodes, current.desired)
        self._wait(lambda: _missing(current.name, cluster.ready_nodes(current.name), wanted),
                   self.bounds.nodes)  # fmt: skip
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
                    f"after {seconds / 60:.0f} minutes still: {'; '.join(found)}; nothing is "
                    "lost: see to it, and run this again, or take it back (docs/replace-nodes.md)"
                )
            time.sleep(min(_POLL, seconds / 10))


def _missing(group: str, ready: int, wanted: int) -> Sequence[str]:
    return [] if ready >= wanted else [f"{group}: {ready} of {wanted} nodes are ready"]
