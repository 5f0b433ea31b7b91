"""Replaces node groups in a fixed order. Every step can be repeated after a stop.

    for each zone   create the new node group ─▸ wait for as many ready nodes ─▸ stop the growth of
                    the old one ─▸ cordon ─▸ drain ─▸ wait for a healthy cell ─▸ delete the old one

Each run reads the completed steps from the Pulumi state and from AWS; there is no other record.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from live.cell import NodeGroup
from settings.node_replacement import Replacement
from tools.deploy.replace_nodes.interfaces import REMEDY, Parts, ReplaceError, Unit

_POLL = 5.0
"""Longest time in seconds between two checks."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of the waiting times, in seconds."""

    nodes: float = 20 * 60
    """Until the nodes of a new node group are ready."""
    healthy: float = 15 * 60
    """Until the cell is healthy."""


@dataclass(frozen=True, kw_only=True)
class Replacing:
    """Replaces the node groups that differ from the stack file."""

    parts: Parts
    report: Callable[[str], None]
    """Called with a line after each step."""
    limits: Limits = Limits()

    def run(self, units: Sequence[Unit]) -> int:
        """Replaces node groups in the given order, and returns the number of deleted node groups.

        Raises ReplaceError if a step exceeds its limit, or if a node group does not exist.
        """
        deleted = 0
        for unit in units:
            deleted += self._delete_others(self._current(unit))
        return deleted

    def _current(self, unit: Unit) -> NodeGroup:
        """Returns the node group of a unit, which is created if the existing one differs."""
        engine = self.parts.engine
        name = engine.node_group(unit.urn)
        groups = self.parts.cloud.node_groups()
        if name is None:
            raise ReplaceError(f"{unit.name}: not in the state; run make up, which creates it")
        if name not in groups:
            raise ReplaceError(f"{name}: in the state, but not in AWS; run make up to create it")
        if groups[name].shape != unit.shape:
            self._wait(self._not_ready, self.limits.healthy)
            engine.up(Replacement(step="retain", group=unit.name), [unit.urn])
            self.report(f"{name}: stays in AWS when it leaves the state")
            engine.up(Replacement(step="create", group=unit.name), [unit.urn, *unit.related])
            name = str(engine.node_group(unit.urn))
            groups = self.parts.cloud.node_groups()
            self.report(f"{name}: created ({unit.shape})")
        return groups[name]

    def _delete_others(self, current: NodeGroup) -> int:
        """Drains and deletes the other node groups of the same pool and zone; returns how many."""
        others = [
            each
            for each in self.parts.cloud.node_groups().values()
            if (each.pool, each.zone) == (current.pool, current.zone) and each.name != current.name
        ]
        with_pods = [each for each in others if each.status != "DELETING"]
        if with_pods:
            self._scale_up(current.name, with_pods)
        for group in others:
            if group in with_pods:
                self._drain(group)
            self.parts.cloud.delete(group)
            self.report(f"{group.name}: deleted")
        return len(others)

    def _scale_up(self, name: str, former: Sequence[NodeGroup]) -> None:
        """Scales a node group up to the largest of the former ones, and waits for its nodes."""
        cloud, cluster = self.parts.cloud, self.parts.cluster
        current = cloud.node_groups()[name]
        nodes = max(current.desired, min(max(each.desired for each in former), current.max))
        if current.desired < nodes:
            cloud.resize(current, min=current.min, max=current.max, desired=nodes)
            former_names = ", ".join(each.name for each in former)
            self.report(f"{name}: scaled up to {nodes} nodes for the pods of {former_names}")

        def missing() -> Sequence[str]:
            ready = cluster.ready_nodes(name)
            return [f"{name}: {ready} of {nodes} nodes are ready"] if ready < nodes else []

        self._wait(missing, self.limits.nodes)

    def _drain(self, group: NodeGroup) -> None:
        """Stops the growth of a node group, cordons and drains it, and waits for a healthy cell."""
        cloud, cluster = self.parts.cloud, self.parts.cluster
        if group.min or group.max != max(group.desired, 1):
            cloud.resize(group, min=0, max=max(group.desired, 1), desired=group.desired)
            self.report(f"{group.name}: cannot scale up any more")
        cluster.cordon(group.name)
        self.report(f"{group.name}: cordoned")
        cluster.drain(group.name)
        self.report(f"{group.name}: drained")
        self._wait(self._not_ready, self.limits.healthy)
        self.report("the cell is healthy")

    def _not_ready(self) -> Sequence[str]:
        return [*self.parts.cluster.not_ready(), *self.parts.cloud.not_ready()]

    def _wait(self, missing: Callable[[], Sequence[str]], seconds: float) -> None:
        """Waits until nothing is missing; raises ReplaceError at the limit."""
        deadline = time.monotonic() + seconds
        while found := missing():
            if time.monotonic() > deadline:
                minutes = f"{seconds / 60:.0f} minutes"
                raise ReplaceError(f"not ready after {minutes}: {'; '.join(found)}; {REMEDY}")
            time.sleep(min(_POLL, seconds / 10))
