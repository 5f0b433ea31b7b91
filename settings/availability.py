"""A stack file as the plain figures of `core/availability/zone_loss.py`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from core.availability.allocatable import allocatable
from core.availability.packing import NodeGroupModel, Pod
from core.availability.replicas import redistributed
from core.availability.resources import Resources
from core.availability.zone_loss import (
    SYSTEM,
    HeadroomPods,
    Workload,
    ZoneModel,
    auto_headroom,
    system_headroom,
)
from core.facts.instance_types import HOST_PODS, InstanceType, instance_type
from core.facts.system_pods import on_every_node, system_pods
from core.network.subnet_capacity import addresses_for_pods, max_pods_per_node
from settings.app.apps import App
from settings.app.container import Requests
from settings.network.network import Pods
from settings.observability.observability import Agent
from settings.pool.kubelet import Reserved
from settings.pool.pools import Pool
from settings.reading.quantities import mebibytes, millicores
from settings.stack import Settings


def pools_of(settings: Settings, app: App) -> Mapping[str, Pool]:
    """The pools that an app's pods may run on: its own, or all without taints that repel."""
    pools = settings.pools
    if app.pool is None:
        return {name: pool for name, pool in pools.items() if not pool.tainted}
    return {name: pool for name, pool in pools.items() if name == app.pool}


def zone_model_of(settings: Settings) -> ZoneModel:
    """The cell at its usual load: every app at its minimum, every zone with its room."""
    network = settings.network
    apps = [_workload(settings, name, app) for name, app in settings.apps.items()]
    return ZoneModel(
        zones=len(network.zones_in),
        pools={
            name: kind for name, pool in settings.pools.items() if (kind := _nodes(settings, pool))
        },
        apps=apps,
        system=list(_system(settings)),
        headroom=_headroom(settings, apps),
    )


def headroom_of(settings: Settings) -> HeadroomPods:
    """What each zone that is in holds room for."""
    cell, apps = zone_model_of(settings), settings.apps
    most = [replace(app, pods=apps[app.pod.name].replicas.max) for app in cell.apps]
    shares = _share(settings, most)
    return HeadroomPods(
        pods=cell.headroom,
        max_pods={name: shares[name] for name in _growing(settings)},
        system=system_headroom(cell.system, cell.zones),
    )


def _workload(settings: Settings, name: str, app: App) -> Workload:
    return Workload(
        pod=Pod(
            name=name,
            requests=_resources(app.requests),
            pools=frozenset(pools_of(settings, app)),
            one_per_node=app.spread.one_per_node,
        ),
        pods=app.minimum_replicas(settings.network.effective_zones),
        needed=0 if app.volume else app.replicas.needed,
        zone_bound=app.volume is not None,
    )


def _system(settings: Settings) -> Iterator[Workload]:
    """The system's Deployments, which tolerate no taints."""
    pools = settings.pools
    open_ = frozenset(name for name, pool in pools.items() if not pool.tainted)
    for each in system_pods(
        # What coredns is asked does not leave with a zone.
        zones=len(settings.network.zones),
        descheduler=settings.autoscaling.descheduler,
        keda=settings.reads_queries,
        proportional=len(_growing(settings)),
        configured={name: own.configuration for name, own in settings.cluster.add_ons.items()},
    ):
        yield Workload(
            pod=Pod(name=each.name, requests=each.requests, pools=open_), pods=each.replicas
        )


def _headroom(settings: Settings, apps: Sequence[Workload]) -> Mapping[str, int]:
    headroom, network = settings.headroom, settings.network
    by_hand = {
        name: redistributed(pods, len(network.zones), len(network.zones_in))
        for name, pods in headroom.pods.items()
    }
    if headroom.size == "none":
        return by_hand
    system = {SYSTEM: 1} if len(network.zones_in) > 1 else {}
    return {**_share(settings, apps), **by_hand, **system}


def _share(settings: Settings, apps: Sequence[Workload]) -> Mapping[str, int]:
    """Room that each zone holds if it holds its share of every app; one alone holds all."""
    network = settings.network
    auto = auto_headroom(apps, network.effective_zones)
    if len(network.zones_in) > 1:
        return auto
    return {name: redistributed(each, network.effective_zones, 1) for name, each in auto.items()}


def _growing(settings: Settings) -> Sequence[str]:
    """Apps whose room grows with the cell."""
    if settings.headroom.size != "proportional":
        return ()
    by_hand = settings.headroom.pods
    return [n for n, app in settings.apps.items() if n not in by_hand and not app.volume]


def _nodes(settings: Settings, pool: Pool) -> NodeGroupModel | None:
    """The nodes of a pool in a zone, by the least of its types; None: none of them is known."""
    network = settings.network
    types = [found for each in pool.instance_types if (found := instance_type(each))]
    if not types:
        return None
    has = [
        allocatable(
            each,
            pods=_places(types, network.pods),
            bottlerocket=pool.bottlerocket,
            kube_reserved=_reserved(pool.kubelet.kube_reserved),
            system_reserved=_reserved(pool.kubelet.system_reserved),
        )
        for each in types
    ]
    least = Resources(
        cpu=min(each.cpu for each in has),
        memory=min(each.memory for each in has),
        pods=min(each.pods for each in has),
    )
    return NodeGroupModel(
        name=" or ".join(pool.instance_types),
        free=least - on_every_node(_resources(settings.observability.agent)),
        min=redistributed(pool.per_zone.min, len(network.zones), len(network.zones_in)),
        max=pool.per_zone.max,
    )


def _resources(requests: Requests | Agent) -> Resources:
    return Resources(cpu=millicores(requests.cpu), memory=mebibytes(requests.memory))


def _places(types: Sequence[InstanceType], pods: Pods) -> int:
    """Pods that a node takes, those of the host's network among them."""
    if pods.prefix_delegation:
        return min(each.pod_cap for each in types)
    if pods.cidr:
        return min(
            max_pods_per_node(types), *(addresses_for_pods(each) + HOST_PODS for each in types)
        )
    return max_pods_per_node(types)


def _reserved(given: Reserved) -> tuple[int | None, int | None]:
    """CPU and memory of the kubelet's settings, None where the AMI decides."""
    return (
        millicores(given.cpu) if given.cpu else None,
        mebibytes(given.memory) if given.memory else None,
    )
