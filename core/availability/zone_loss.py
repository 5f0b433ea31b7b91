"""Model of the zones of a cell: nodes, pods and headroom of each zone, and the nodes at rest.

All zones are alike: the numbers of pods of an app per zone differ by at most one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.availability.packing import NodeGroupModel, Packing, Pod, pack
from core.availability.replicas import headroom_per_zone
from core.availability.resources import Resources

SYSTEM = "system"
"""Name of the headroom for system pods."""


Kind = Literal["app", "worker", "singleton", "system"]
"""Kind of a workload. system: a Deployment of the system."""


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
    strict: bool = False
    """True if a pod that would make the numbers of pods per zone uneven stays pending."""
    kind: Kind = "app"
    """Kind of the workload. Default: app."""
    peers: bool = False
    """True if the pods form a cluster of their own, which can need a majority."""

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
    pods = [load.pod for load in system for _ in range(load.pods_in_fullest_zone(zones))]
    shares = [sum_of(share) for share in shares_of(pods, zones - 1)]
    return Resources(
        cpu=max((share.cpu for share in shares), default=0),
        memory=max((share.memory for share in shares), default=0),
    )


def pack_fullest_zone(model: ZoneModel) -> Packing:
    """Places the pods and the headroom of the fullest zone on nodes."""
    return pack_zone(model, [load.pods_in_fullest_zone(model.zones) for load in workloads(model)])


def nodes_at_rest(model: ZoneModel) -> Mapping[str, int]:
    """Returns the number of nodes of each pool in each zone, by name of the pool.

    All zones count as the fullest one, so that the number is an upper bound.
    """
    packing = pack_fullest_zone(model)
    return {pool: packing.count(pool) for pool in model.pools}


def workloads(model: ZoneModel) -> Iterator[Workload]:
    """Yields the apps, and then the Deployments of the system."""
    yield from model.apps
    yield from model.system


def pack_zone(model: ZoneModel, counts: Sequence[int]) -> Packing:
    """Places a zone's headroom and `counts` pods of each workload on nodes."""
    loads = zip(workloads(model), counts, strict=True)
    pods = [load.pod for load, count in loads for _ in range(count)]
    return pack([*pods, *_placeholders(model)], model.pools)


def _placeholders(model: ZoneModel) -> Iterator[Pod]:
    """Yields the placeholders of a zone's headroom."""
    for app in model.apps:
        yield from [replace(app.pod, headroom=True)] * model.headroom.get(app.pod.name, 0)
    if model.headroom.get(SYSTEM):
        requests = system_headroom(model.system, model.zones)
        yield replace(system_pod(model, requests), headroom=True)


def system_pod(model: ZoneModel, requests: Resources) -> Pod:
    """Returns a pod that represents several system pods."""
    return Pod(name=SYSTEM, requests=requests, pools=model.system[0].pod.pools)


def shares_of(pods: Iterable[Pod], count: int) -> Sequence[Sequence[Pod]]:
    """Distributes pods over `count` shares of similar size, largest first."""
    shares: list[list[Pod]] = [[] for _ in range(count)]
    for pod in sorted(pods, key=lambda pod: (-pod.requests.size, pod.name)) if shares else ():
        min(shares, key=lambda share: sum_of(share).size).append(pod)
    return shares


def sum_of(pods: Sequence[Pod]) -> Resources:
    """Returns the requests of some pods together."""
    return sum((pod.requests for pod in pods), start=Resources(cpu=0, memory=0, pods=0))
