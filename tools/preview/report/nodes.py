"""Nodes of each zone with their pods, before and after the loss of a zone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.availability.failures import Failure
from core.availability.packing import Node, Pod
from core.availability.zone_loss import SYSTEM
from core.availability.zone_proof import Scenario, ZoneLossProof
from settings.reading.wording import counted

REST = "rest"
"""State of the page in which no zone fails."""

MAX_CHIPS = 40
"""Chips in a zone above which each node shows numbers of pods instead of names."""

ChipKind = Literal["app", "system", "headroom", "started", "lost"]


@dataclass(frozen=True, kw_only=True)
class Chip:
    """Pods of one workload on a node."""

    text: str
    kind: ChipKind


@dataclass(frozen=True, kw_only=True)
class NodeView:
    """A node, with its pods by state of the page; it is absent from states that are missing."""

    pool: str
    chips: Mapping[str, Sequence[Chip]]


def left(zone: str) -> str:
    """Returns the state of the page in which a zone fails and no pod is evicted."""
    return f"{zone} left"


def evicted(zone: str) -> str:
    """Returns the state of the page in which a zone fails and all its pods are evicted."""
    return f"{zone} evicted"


def nodes_by_zone(proof: ZoneLossProof, zones: Sequence[str]) -> Mapping[str, Sequence[NodeView]]:
    """Returns the nodes of each zone in service, by its name.

    Each lost zone counts as the fullest one, so that the nodes of a zone can differ between states.
    """
    at_rest = [[node for node in proof.at_rest.nodes if node.zone == n] for n in range(len(zones))]
    writer = _Chips(proof, at_rest[0])
    found: dict[str, list[tuple[str, dict[str, Sequence[Chip]]]]] = {
        zone: [(node.pool, {REST: writer.of(node.pods)}) for node in at_rest[number]]
        for number, zone in enumerate(zones)
    }
    for scenario in proof.zones:
        for number, zone in enumerate(scenario.zones):
            states = _after(scenario, number, at_rest[number], writer)
            for index, (node, chips) in enumerate(zip(at_rest[number], states, strict=True)):
                if index == len(found[zone]):
                    found[zone].append((node.pool, {}))
                found[zone][index][1].update(chips)
    return {
        zone: [NodeView(pool=pool, chips=chips) for pool, chips in views]
        for zone, views in found.items()
    }


def _after(
    scenario: Scenario, number: int, at_rest: Sequence[Node], writer: "_Chips"
) -> Iterator[Mapping[str, Sequence[Chip]]]:
    """Yields the pods of each node of a zone after the loss of a zone, by state."""
    [failed] = scenario.lost_zones
    if number == 0:
        for node in at_rest:
            yield {left(failed): writer.lost(node.pods), evicted(failed): []}
        return
    started = _started(scenario.failure)
    after = [node for node in scenario.failure.nodes if node.zone == number]
    for before, node in zip(at_rest, after, strict=True):
        kept = [pod for pod in before.pods if not pod.headroom]
        new = started.get(id(node), ())
        yield {
            left(failed): writer.of(before.pods),
            evicted(failed): [*writer.of(kept), *writer.started(new)],
        }


def _started(failure: Failure) -> Mapping[int, Sequence[Pod]]:
    """Returns the pods that start on a node, by the identity of the node."""
    found: dict[int, list[Pod]] = {}
    for each in failure.starts:
        found.setdefault(id(each.node), []).append(each.pod)
    return found


class _Chips:
    """Writes pods as chips, by name or, in a large cell, by number."""

    def __init__(self, proof: ZoneLossProof, fullest: Sequence[Node]) -> None:
        failure = next(each.failure for each in (*proof.zones, *proof.others))
        self.system = {SYSTEM, *(o.name for o in failure.outcomes if o.kind == "system")}
        chips = sum(len({(pod.name, pod.headroom) for pod in node.pods}) for node in fullest)
        self.named = chips <= MAX_CHIPS

    def of(self, pods: Sequence[Pod]) -> Sequence[Chip]:
        """Returns the apps on a node, its system pods and its headroom."""
        return [*self._running(pods), *self._reserved(pods)]

    def lost(self, pods: Sequence[Pod]) -> Sequence[Chip]:
        """Returns the pods on a failed node."""
        return [Chip(text=f"✕ {each.text}", kind="lost") for each in self._running(pods)]

    def started(self, pods: Sequence[Pod]) -> Sequence[Chip]:
        """Returns the pods that start on a node."""
        return [Chip(text=f"+ {each.text}", kind="started") for each in self._running(pods)]

    def _running(self, pods: Sequence[Pod]) -> Iterator[Chip]:
        running = [pod for pod in pods if not pod.headroom]
        apps = Counter(pod.name for pod in running if pod.name not in self.system)
        if self.named:
            for name, count in apps.items():
                yield Chip(text=_times(name, count), kind="app")
        elif apps:
            of = counted(len(apps), "workload")
            yield Chip(text=f"{counted(apps.total(), 'pod')} of {of}", kind="app")
        if system := len(running) - apps.total():
            yield Chip(text=counted(system, "system pod"), kind="system")

    def _reserved(self, pods: Sequence[Pod]) -> Iterator[Chip]:
        reserved = Counter(pod.name for pod in pods if pod.headroom)
        if self.named:
            for name, count in reserved.items():
                yield Chip(text=f"headroom: {_times(name, count)}", kind="headroom")
        elif reserved:
            yield Chip(text=f"headroom: {counted(reserved.total(), 'pod')}", kind="headroom")


def _times(name: str, count: int) -> str:
    return f"{name} × {count}" if count > 1 else name
