"""Simulates the failure of nodes: the pods that are lost, the pods that remain, and the nodes on
which evicted pods start again.

Two claims about the failure of a zone follow. If no pod is evicted, the remaining pods of each app
are as many as its load needs. If all pods of the failed zone are evicted, each of them fits on an
existing node. The zone that fails is the fullest one, for every workload at once.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.availability.packing import Node, Pod
from core.availability.rescheduling import Shortage, Start, reschedule, shortages
from core.availability.zone_loss import (
    SYSTEM,
    Kind,
    Workload,
    ZoneModel,
    pack_zone,
    shares_of,
    sum_of,
    system_pod,
    workloads,
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Nodes and pods of all zones at rest. Zone 0 is the fullest zone of every workload."""

    nodes: Sequence[Node]
    pending: Sequence[Pod]
    """Pods that fit on no node at rest."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Pods of a workload before, during and after a failure. Each sequence has a number per zone.

    during: if no pod is evicted. after: if all pods on failed nodes are evicted.
    """

    name: str
    kind: Kind
    peers: bool
    """True if the pods form a cluster of their own."""
    needed: int
    """Number of pods that must remain if a zone fails; 0: no claim."""
    before: Sequence[int]
    during: Sequence[int]
    after: Sequence[int]
    on_own_headroom: int
    """Number of evicted pods that start on headroom of their own workload."""
    pending: int
    """Number of pods that run on no node after the failure."""
    shortages: Collection[Shortage]
    """Reasons for which they do not run. zone: their volume is in the failed zone."""

    @property
    def lost(self) -> int:
        """Number of pods on failed nodes."""
        return sum(self.before) - sum(self.during)

    @property
    def has_needed(self) -> bool:
        """True if the needed pods remain without evictions."""
        return sum(self.during) >= self.needed

    @property
    def has_majority(self) -> bool:
        """True if more than half of the pods remain without evictions."""
        return sum(self.during) * 2 > sum(self.before)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Result of the failure of some nodes."""

    outcomes: Sequence[Outcome]
    """The apps, and then the Deployments of the system."""
    starts: Sequence[Start]
    """Start of each evicted pod that fits on a node."""
    waiting: Sequence[Pod]
    """Pods that wait for a new node, including pods that fit on no node at rest."""
    nodes: Sequence[Node]
    """Nodes that have not failed, with the pods that run on them after all evictions."""
    failed: int
    """Number of failed nodes."""

    @property
    def apps(self) -> Sequence[Outcome]:
        """Outcomes of the apps."""
        return [each for each in self.outcomes if each.kind != "system"]

    @property
    def below_needed(self) -> Sequence[str]:
        """Names of apps with fewer pods than needed if no pod is evicted."""
        return [each.name for each in self.apps if not each.has_needed]

    @property
    def lost(self) -> int:
        """Number of pods on failed nodes."""
        return sum(each.lost for each in self.outcomes)

    @property
    def zone_bound(self) -> Sequence[str]:
        """Names of apps with pods that wait until the zone of their volume returns."""
        return [each.name for each in self.apps if "zone" in each.shortages]


def cell_at_rest(model: ZoneModel) -> Cell:
    """Returns all nodes of a cell, packed zone by zone."""
    loads = [*workloads(model)]
    counts = [_in_zones(load, model.zones, turn) for turn, load in enumerate(loads)]
    nodes: list[Node] = []
    pending: list[Pod] = []
    for zone in range(model.zones):
        packing = pack_zone(model, [each[zone] for each in counts])
        nodes += [replace(node, zone=zone) for node in packing.nodes]
        pending += [pod for pod in packing.pending if not pod.headroom]
    return Cell(nodes=nodes, pending=pending)


def fail_zone(model: ZoneModel) -> Failure:
    """Removes the fullest zone, and reschedules its pods on the nodes of the other zones."""
    cell = cell_at_rest(model)
    return fail(model, cell, [n for n, node in enumerate(cell.nodes) if node.zone == 0])


def fail(model: ZoneModel, cell: Cell, failed: Collection[int]) -> Failure:
    """Removes the nodes of a cell with the indexes `failed`, and reschedules their pods."""
    gone = {*failed}
    left = [replace(node, pods=[*node.pods]) for n, node in enumerate(cell.nodes) if n not in gone]
    before, during = _by_zone(cell.nodes, model.zones), _by_zone(left, model.zones)
    lost = [
        (pod, cell.nodes[n].zone) for n in failed for pod in cell.nodes[n].pods if not pod.headroom
    ]
    rescheduling = reschedule(_evicted(model, lost, left, during), left)
    after = _by_zone(left, model.zones)
    starts = [replace(each, pod=part) for each in rescheduling.starts for part in _parts(each.pod)]
    own = Counter(_anywhere(each.pod) for each in starts if each.capacity == "own headroom")
    reasons = [(pod, shortages(pod, left)) for pod in rescheduling.pending]
    missing: dict[Pod, set[Shortage]] = {}
    for pod, found in reasons:
        missing.setdefault(_anywhere(pod), set()).update(found)
    none = [0] * model.zones
    outcomes = [
        Outcome(
            name=load.pod.name,
            kind=load.kind if number < len(model.apps) else "system",
            peers=load.peers,
            needed=load.needed,
            before=before.get(load.pod, none),
            during=during.get(load.pod, none),
            after=after.get(load.pod, none),
            on_own_headroom=own[load.pod],
            pending=load.pods - sum(after.get(load.pod, none)),
            shortages=missing.get(load.pod, set()),
        )
        for number, load in enumerate(workloads(model))
    ]
    waiting = [pod for pod, found in reasons if "zone" not in found]
    return Failure(
        outcomes=outcomes, starts=starts, waiting=[*waiting, *cell.pending], nodes=left,
        failed=len(gone),
    )  # fmt: skip


def _evicted(
    model: ZoneModel,
    lost: Sequence[tuple[Pod, int]],
    left: Sequence[Node],
    running: Mapping[Pod, Sequence[int]],
) -> Iterator[Pod]:
    """Yields the lost pods, each with the zone that its spread or its volume requires.

    The system pods are grouped into as many shares as there are placeholders for them.
    """
    loads = {app.pod: app for app in model.apps}
    zones = {pool: {node.zone for node in left if node.pool == pool} for pool in model.pools}
    counts = {pod: [*each] for pod, each in running.items()}
    system: list[Pod] = []
    for pod, zone in lost:
        load = loads.get(pod)
        if load is None:
            system.append(pod)
        elif load.zone_bound:
            yield replace(pod, zone=zone)
        elif load.strict:
            yield _in_emptiest_zone(
                pod, counts.setdefault(pod, [0] * model.zones), running.get(pod), zones
            )
        else:
            yield pod
    placeholders = sum(pod.headroom and pod.name == SYSTEM for node in left for pod in node.pods)
    for share in filter(None, shares_of(system, max(1, placeholders))):
        yield replace(system_pod(model, sum_of(share)), parts=tuple(share))


def _in_emptiest_zone(
    pod: Pod,
    counts: list[int],
    running: Sequence[int] | None,
    zones: Mapping[str, Collection[int]],
) -> Pod:
    """Returns the pod with the zone that has the fewest pods of its workload, and counts it there.

    If several zones are equal, it is the one to which the fewest evicted pods go. Zones without a
    node of the pools of the pod do not count (nodeTaintsPolicy: Honor).
    """
    usable = {zone for pool in pod.pools for zone in zones.get(pool, ())}
    if not usable:
        return pod
    first = running or [0] * len(counts)
    zone = min(usable, key=lambda zone: (counts[zone], counts[zone] - first[zone], zone))
    counts[zone] += 1
    return replace(pod, zone=zone)


def _in_zones(load: Workload, zones: int, turn: int) -> Sequence[int]:
    """Returns the pods of a workload in each zone: as many as possible in zone 0, the others even.

    `turn` selects the first zone that has one pod more, so that not all workloads fill the same
    zone.
    """
    fullest = load.pods_in_fullest_zone(zones)
    each, more = divmod(load.pods - fullest, zones - 1) if zones > 1 else (0, 0)
    return [fullest, *(each + ((zone + turn) % (zones - 1) < more) for zone in range(zones - 1))]


def _by_zone(nodes: Iterable[Node], zones: int) -> Mapping[Pod, Sequence[int]]:
    """Returns the number of pods in each zone, without headroom, by pod of a workload."""
    found: dict[Pod, list[int]] = {}
    for node in nodes:
        for pod in node.pods:
            for part in _parts(pod) if not pod.headroom else ():
                found.setdefault(_anywhere(part), [0] * zones)[node.zone] += 1
    return found


def _parts(pod: Pod) -> Sequence[Pod]:
    return pod.parts or (pod,)


def _anywhere(pod: Pod) -> Pod:
    """Returns the pod without a zone: the pod of its workload."""
    return pod if pod.zone is None else replace(pod, zone=None)
