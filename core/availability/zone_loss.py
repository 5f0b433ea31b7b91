"""What happens when a zone is lost, on plain figures of a cell.

Two claims. With nothing evicted: what is left of each app is as much as its load needs. With
everything evicted: every pod of the lost zone finds a place on a node that is there already.

All zones are alike: each holds its share of every app's pods, to within one. The zone that is lost
is the fullest, for every app at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.availability.packing import Node, NodeGroupModel, Packing, Pod, pack, reschedule
from core.availability.replicas import headroom_per_zone
from core.availability.resources import Resources

SYSTEM = "system"
"""Name of the room that is held for pods of the system."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Pods of one kind, spread over the zones."""

    pod: Pod
    pods: int
    """How many there are in all zones together."""
    needed: int = 0
    """How many have to be left when a zone is lost."""
    zone_bound: bool = False
    """Whether they come up in no other zone, since their volume is in theirs."""

    def pods_in_fullest_zone(self, zones: int) -> int:
        """How many the fullest zone has."""
        return -(-self.pods // zones)


@dataclass(frozen=True, kw_only=True)
class ZoneModel:
    """What a cell runs, and what it runs it on."""

    zones: int
    """Zones that are there; with only one there is none to lose."""
    pools: Mapping[str, NodeGroupModel]
    """The nodes of each pool, in each zone."""
    apps: Sequence[Workload]
    system: Sequence[Workload]
    headroom: Mapping[str, int]
    """Pods that each zone holds room for, by name of the workload; of SYSTEM at most one, which
    stands for a share of the whole system."""


@dataclass(frozen=True, kw_only=True)
class HeadroomPods:
    """What each zone holds room for."""

    pods: Mapping[str, int]
    """Pods by name of the app; of SYSTEM at most one."""
    max_pods: Mapping[str, int]
    """Pods at most of each app whose room grows with the cell."""
    system: Resources
    """What the pod of SYSTEM asks for."""


@dataclass(frozen=True, kw_only=True)
class ZoneLoss:
    """What the loss of a zone does."""

    left: Mapping[str, int]
    """Pods of each app in the other zones, with nothing evicted."""
    below_needed: Sequence[str]
    """Apps of which fewer are left than their load needs."""
    displaced: Sequence[str]
    """Names of the pods that the lost zone ran."""
    unschedulable: Sequence[str]
    """Those of them for which there is no place without a new node."""
    nodes: Sequence[Node]
    """The nodes of the other zones, with what is on them then."""


def auto_headroom(apps: Sequence[Workload], zones: int) -> Mapping[str, int]:
    """Pods of each app that each of `zones` zones, 2 or more, holds room for: its share.

    None for apps that are bound to a zone: it could not be used.
    """
    return {app.pod.name: headroom_per_zone(app.pods, zones) for app in apps if not app.zone_bound}


def system_headroom(system: Sequence[Workload], zones: int) -> Resources:
    """What each zone holds for the system: enough for any of the shares of a lost zone's pods.

    Nothing if there is no other zone.
    """
    shares = [_sum(share) for share in _shares(system, zones)]
    return Resources(
        cpu=max((share.cpu for share in shares), default=0),
        memory=max((share.memory for share in shares), default=0),
    )


def pack_fullest_zone(cell: ZoneModel) -> Packing:
    """The nodes of the fullest zone, with its room."""
    return _packed(cell, [load.pods_in_fullest_zone(cell.zones) for load in _loads(cell)])


def simulate_zone_loss(cell: ZoneModel) -> ZoneLoss:
    """What is left of a cell when its fullest zone is lost, and where the pods of that one go."""
    loads = list(_loads(cell))
    lost = [load.pods_in_fullest_zone(cell.zones) for load in loads]
    others = [
        _packed(cell, counts)
        for counts in zip(
            *(_deal(load.pods - gone, cell.zones - 1, turn)
              for turn, (load, gone) in enumerate(zip(loads, lost, strict=True))),
            strict=True,
        )
    ]  # fmt: skip
    running = [
        pod for zone in others for node in zone.nodes for pod in node.pods if not pod.headroom
    ]
    left = {app.pod.name: running.count(app.pod) for app in cell.apps}
    displaced = [load.pod for load, gone in zip(loads, lost, strict=True) for _ in range(gone)]
    nodes = [node for zone in others for node in zone.nodes]
    unschedulable = reschedule(_displaced(cell), nodes)
    pending = [pod for zone in others for pod in zone.pending if not pod.headroom]
    return ZoneLoss(
        left=left,
        below_needed=[app.pod.name for app in cell.apps if left[app.pod.name] < app.needed],
        displaced=[pod.name for pod in displaced],
        unschedulable=[pod.name for pod in (*unschedulable, *pending)],
        nodes=nodes,
    )


def _loads(cell: ZoneModel) -> Iterator[Workload]:
    yield from cell.apps
    yield from cell.system


def _packed(cell: ZoneModel, counts: Sequence[int]) -> Packing:
    """A zone with so many pods of each kind, and its room."""
    loads = zip(_loads(cell), counts, strict=True)
    pods = [load.pod for load, count in loads for _ in range(count)]
    return pack([*pods, *_headroom_pods(cell)], cell.pools)


def _headroom_pods(cell: ZoneModel) -> Iterator[Pod]:
    for app in cell.apps:
        yield from [replace(app.pod, headroom=True)] * cell.headroom.get(app.pod.name, 0)
    if cell.headroom.get(SYSTEM):
        requests = system_headroom(cell.system, cell.zones)
        yield replace(_of_system(cell, requests), headroom=True)


def _of_system(cell: ZoneModel, requests: Resources) -> Pod:
    return Pod(name=SYSTEM, requests=requests, pools=cell.system[0].pod.pools)


def _displaced(cell: ZoneModel) -> Iterator[Pod]:
    """The pods of the fullest zone; of the system the shares that room is held for."""
    for app in cell.apps:
        if not app.zone_bound:
            yield from [app.pod] * app.pods_in_fullest_zone(cell.zones)
    for share in filter(None, _shares(cell.system, cell.zones)):
        yield replace(_of_system(cell, _sum(share)), parts=tuple(share))


def _shares(system: Sequence[Workload], zones: int) -> Sequence[Sequence[Pod]]:
    """The system's pods of the fullest zone, dealt to the other zones, the largest first."""
    pods = [load.pod for load in system for _ in range(load.pods_in_fullest_zone(zones))]
    shares: list[list[Pod]] = [[] for _ in range(zones - 1)]
    for pod in sorted(pods, key=lambda pod: (-pod.requests.size, pod.name)) if shares else ():
        min(shares, key=lambda share: _sum(share).size).append(pod)
    return shares


def _sum(pods: Sequence[Pod]) -> Resources:
    return Resources(
        cpu=sum(pod.requests.cpu for pod in pods),
        memory=sum(pod.requests.memory for pod in pods),
        pods=len(pods),
    )


def _deal(pods: int, zones: int, turn: int) -> Sequence[int]:
    """So many pods over zones, to within one; whoever deals next begins at another zone."""
    return [pods // zones + ((zone + turn) % zones < pods % zones) for zone in range(zones)]
