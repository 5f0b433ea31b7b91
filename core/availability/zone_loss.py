"""Simulates the failure of one zone on a model of the cell's zones.

Two claims follow from the simulation. If no pod is evicted, the remaining pods of each app are as
many as its load needs. If all pods of the failed zone are evicted, each of them fits on an existing
node.

All zones are alike: the numbers of pods of an app per zone differ by at most one. The zone that
fails is the fullest one, for every app at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.availability.packing import Node, NodeGroupModel, Packing, Pod, pack, reschedule
from core.availability.replicas import headroom_per_zone
from core.availability.resources import Resources

SYSTEM = "system"
"""Name of the headroom for system pods."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Pods of one app or system Deployment, spread over the zones."""

    pod: Pod
    """One of the pods; all are alike."""
    pods: int
    """Number of pods in all zones together."""
    needed: int = 0
    """Number of pods that must remain if a zone fails. Default: 0."""
    zone_bound: bool = False
    """True if the pods can start in no other zone, because their volume is in one zone."""

    def pods_in_fullest_zone(self, zones: int) -> int:
        """Returns the number of pods in the zone with most pods."""
        return -(-self.pods // zones)


@dataclass(frozen=True, kw_only=True)
class ZoneModel:
    """The zones of a cell: the nodes and pods of each."""

    zones: int
    """Number of zones in use. With one zone there is no failover."""
    pools: Mapping[str, NodeGroupModel]
    """Nodes of each pool in each zone, by name of the pool."""
    apps: Sequence[Workload]
    """The apps of the stack file."""
    system: Sequence[Workload]
    """Deployments of the system, which all tolerate the same taints."""
    headroom: Mapping[str, int]
    """Pods of each workload for which each zone reserves capacity, by name. For SYSTEM 0 or 1: one
    placeholder for a share of all system pods."""


@dataclass(frozen=True, kw_only=True)
class HeadroomPods:
    """Pods for which each zone reserves capacity."""

    pods: Mapping[str, int]
    """Number of pods, by name of the app; for SYSTEM 0 or 1."""
    max_pods: Mapping[str, int]
    """Maximum number of pods of each app whose headroom grows with the cell, by name."""
    system_requests: Resources
    """Requests of the SYSTEM placeholder."""


@dataclass(frozen=True, kw_only=True)
class ZoneLoss:
    """Result of the failure of a zone."""

    remaining: Mapping[str, int]
    """Pods of each app in the other zones if no pod is evicted, by name."""
    below_needed: Sequence[str]
    """Apps with fewer remaining pods than needed."""
    displaced: Sequence[str]
    """Workload of each pod of the failed zone."""
    unschedulable: Sequence[str]
    """Workload of each pod that waits for a new node after the failed zone's pods are evicted."""
    nodes: Sequence[Node]
    """Nodes of the other zones, with the pods that run on them then."""


def auto_headroom(apps: Sequence[Workload], zones: int) -> Mapping[str, int]:
    """Returns the pods of each app for which each of `zones` zones, 2 or more, reserves capacity.

    Zone-bound apps have no headroom, because their pods cannot start in another zone.
    """
    return {app.pod.name: headroom_per_zone(app.pods, zones) for app in apps if not app.zone_bound}


def system_headroom(system: Sequence[Workload], zones: int) -> Resources:
    """Returns the CPU and memory that each zone reserves for the largest share of a failed zone's
    system pods. Zero with one zone.

    The placeholder is one pod, so it reserves one pod of a node's maximum number of pods. System
    pods of a share wait for a new node if the nodes already run their maximum number of pods.
    """
    shares = [_sum(share) for share in _shares(system, zones)]
    return Resources(
        cpu=max((share.cpu for share in shares), default=0),
        memory=max((share.memory for share in shares), default=0),
    )


def pack_fullest_zone(model: ZoneModel) -> Packing:
    """Places the pods and the headroom of the fullest zone on nodes."""
    return _pack_zone(model, [load.pods_in_fullest_zone(model.zones) for load in _workloads(model)])


def nodes_at_rest(model: ZoneModel) -> Mapping[str, int]:
    """Returns the number of nodes of each pool in each zone, by name of the pool.

    All zones count as the fullest one, so that the number is an upper bound.
    """
    packing = pack_fullest_zone(model)
    return {pool: packing.count(pool) for pool in model.pools}


def simulate_zone_loss(model: ZoneModel) -> ZoneLoss:
    """Removes the fullest zone, and reschedules its pods on the nodes of the other zones."""
    loads = list(_workloads(model))
    lost = [load.pods_in_fullest_zone(model.zones) for load in loads]
    others = [
        _pack_zone(model, counts)
        for counts in zip(
            *(_spread(load.pods - count, model.zones - 1, turn)
              for turn, (load, count) in enumerate(zip(loads, lost, strict=True))),
            strict=True,
        )
    ]  # fmt: skip
    running = [
        pod for zone in others for node in zone.nodes for pod in node.pods if not pod.headroom
    ]
    remaining = {app.pod.name: running.count(app.pod) for app in model.apps}
    displaced = [load.pod for load, count in zip(loads, lost, strict=True) for _ in range(count)]
    nodes = [node for zone in others for node in zone.nodes]
    unschedulable = reschedule(_evicted(model), nodes)
    pending = [pod for zone in others for pod in zone.pending if not pod.headroom]
    return ZoneLoss(
        remaining=remaining,
        below_needed=[app.pod.name for app in model.apps if remaining[app.pod.name] < app.needed],
        displaced=[pod.name for pod in displaced],
        unschedulable=[pod.name for pod in (*unschedulable, *pending)],
        nodes=nodes,
    )


def _workloads(model: ZoneModel) -> Iterator[Workload]:
    yield from model.apps
    yield from model.system


def _pack_zone(model: ZoneModel, counts: Sequence[int]) -> Packing:
    """Places a zone's headroom and `counts` pods of each workload on nodes."""
    loads = zip(_workloads(model), counts, strict=True)
    pods = [load.pod for load, count in loads for _ in range(count)]
    return pack([*pods, *_placeholders(model)], model.pools)


def _placeholders(model: ZoneModel) -> Iterator[Pod]:
    """Yields the placeholders of a zone's headroom."""
    for app in model.apps:
        yield from [replace(app.pod, headroom=True)] * model.headroom.get(app.pod.name, 0)
    if model.headroom.get(SYSTEM):
        requests = system_headroom(model.system, model.zones)
        yield replace(_system_pod(model, requests), headroom=True)


def _system_pod(model: ZoneModel, requests: Resources) -> Pod:
    return Pod(name=SYSTEM, requests=requests, pools=model.system[0].pod.pools)


def _evicted(model: ZoneModel) -> Iterator[Pod]:
    """Yields the pods of the fullest zone that can start in another zone.

    The system pods are grouped into the shares that the headroom is sized for.
    """
    for app in model.apps:
        if not app.zone_bound:
            yield from [app.pod] * app.pods_in_fullest_zone(model.zones)
    for share in filter(None, _shares(model.system, model.zones)):
        yield replace(_system_pod(model, _sum(share)), parts=tuple(share))


def _shares(system: Sequence[Workload], zones: int) -> Sequence[Sequence[Pod]]:
    """Distributes the system pods of the fullest zone over the other zones, largest first."""
    pods = [load.pod for load in system for _ in range(load.pods_in_fullest_zone(zones))]
    shares: list[list[Pod]] = [[] for _ in range(zones - 1)]
    for pod in sorted(pods, key=lambda pod: (-pod.requests.size, pod.name)) if shares else ():
        min(shares, key=lambda share: _sum(share).size).append(pod)
    return shares


def _sum(pods: Sequence[Pod]) -> Resources:
    return Resources(
        cpu=sum(pod.requests.cpu for pod in pods),
        memory=sum(pod.requests.memory for pod in pods),
        storage=sum(pod.requests.storage for pod in pods),
        pods=len(pods),
    )


def _spread(pods: int, zones: int, turn: int) -> Sequence[int]:
    """Returns the number of pods in each zone; the numbers differ by at most one.

    `turn` selects the first zone that has one pod more, so that not all workloads fill the same
    zone.
    """
    return [pods // zones + ((zone + turn) % zones < pods % zones) for zone in range(zones)]
