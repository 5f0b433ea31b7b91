"""Builds the model of core/availability/zone_loss.py from a stack file."""

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
from core.facts.instance_types import HOST_NETWORK_PODS, InstanceType, instance_type
from core.facts.system_pods import DEVICE_PLUGINS, on_every_node, system_pods
from core.network.subnet_capacity import addresses_for_pods, max_pods_per_node
from settings.network.network import Pods
from settings.observability.observability import Agent
from settings.pool.kubelet import Reserved
from settings.pool.pools import Pool
from settings.reading.quantities import mebibytes, millicores
from settings.stack import Settings
from settings.workload.container import Requests
from settings.workload.deployed import Deployed
from settings.workload.workload import Workload as AnyWorkload


def pools_of(settings: Settings, app: AnyWorkload) -> Mapping[str, Pool]:
    """Returns the pools that may run the pods of a workload, by name.

    The result is the pool of the workload, or all pools with the device that the workload requests
    and without taints that prevent scheduling.
    """
    pools = settings.pools
    if app.pool is None:
        device = app.requests.device
        return {name: pool for name, pool in pools.items() if pool.is_open_to(device)}
    return {name: pool for name, pool in pools.items() if name == app.pool}


def zone_model_of(settings: Settings) -> ZoneModel:
    """Returns the zones in service with all workloads at minimum replicas, and with headroom."""
    network = settings.network
    apps = [_workload(settings, name, app) for name, app in settings.deployments.items()]
    return ZoneModel(
        zones=len(network.zones_in),
        pools={
            name: group
            for name, pool in settings.pools.items()
            if (group := _node_group(settings, pool))
        },
        apps=apps,
        system=list(_system(settings)),
        headroom=_headroom(settings, apps),
    )


def headroom_of(settings: Settings) -> HeadroomPods:
    """Returns the headroom of each zone in service."""
    model, apps = zone_model_of(settings), settings.deployments
    at_maximum = [replace(app, pods=apps[app.pod.name].maximum_replicas) for app in model.apps]
    max_pods = _automatic(settings, at_maximum)
    return HeadroomPods(
        pods=model.headroom,
        max_pods={name: max_pods[name] for name in _growing(settings)},
        system_requests=system_headroom(model.system, model.zones),
    )


def pod_of(settings: Settings, name: str, app: AnyWorkload) -> Pod:
    """Returns the pod of a workload, as the packing of nodes sees it."""
    return Pod(
        name=name,
        requests=app.pod_requests,
        pools=frozenset(pools_of(settings, app)),
        one_per_node=isinstance(app, Deployed) and app.one_per_node,
    )


def _workload(settings: Settings, name: str, app: Deployed) -> Workload:
    replicated, singleton = settings.replicated.get(name), settings.singletons.get(name)
    return Workload(
        pod=pod_of(settings, name, app),
        pods=app.minimum_replicas(settings.network.effective_zones),
        needed=replicated.replicas.needed if replicated else 0,
        zone_bound=bool(singleton and singleton.volume),
        strict=bool(replicated and replicated.spread.zones == "strict"),
        kind="app" if name in settings.apps else "worker" if replicated else "singleton",
        peers=bool(replicated and replicated.peers),
    )


def _system(settings: Settings) -> Iterator[Workload]:
    """Yields the Deployments of the system, which tolerate no taints."""
    pools = frozenset(name for name, pool in settings.pools.items() if not pool.tainted)
    for each in system_pods(
        # The load of coredns does not depend on the zones in service.
        zones=len(settings.network.zones),
        descheduler=settings.autoscaling.descheduler,
        keda=settings.uses_keda,
        proportional=len(_growing(settings)),
        optional=settings.optional_add_ons,
        configured={n: add_on.configuration for n, add_on in settings.cluster.add_ons.items()},
    ):
        yield Workload(
            pod=Pod(name=each.name, requests=each.requests, pools=pools), pods=each.replicas
        )


def _headroom(settings: Settings, apps: Sequence[Workload]) -> Mapping[str, int]:
    """Returns the headroom of each zone in service, by name of the workload."""
    headroom, network = settings.headroom, settings.network
    configured = {
        name: redistributed(pods, len(network.zones), len(network.zones_in))
        for name, pods in headroom.pods.items()
    }
    if headroom.size == "none":
        return configured
    system = {SYSTEM: 1} if len(network.zones_in) > 1 else {}
    return {**_automatic(settings, apps), **configured, **system}


def _automatic(settings: Settings, apps: Sequence[Workload]) -> Mapping[str, int]:
    """Returns the automatic headroom of each zone.

    If only one zone is in service, that zone has the headroom of all zones.
    """
    network = settings.network
    automatic = auto_headroom(apps, network.effective_zones)
    if len(network.zones_in) > 1:
        return automatic
    zones = network.effective_zones
    return {name: redistributed(pods, zones, 1) for name, pods in automatic.items()}


def _growing(settings: Settings) -> Sequence[str]:
    """Returns the workloads whose headroom grows with the number of nodes."""
    if settings.headroom.size != "proportional":
        return ()
    configured = settings.headroom.pods
    return [name for name in settings.replicated if name not in configured]


def _node_group(settings: Settings, pool: Pool) -> NodeGroupModel | None:
    """Returns the nodes of a pool in a zone, with the smallest allocatable resources of its types.

    The result ignores types without data, and is None if no type has data.
    """
    network = settings.network
    types = [found for each in pool.instance_types if (found := instance_type(each))]
    if not types:
        return None
    nodes = [
        allocatable(
            each,
            pods=_max_pods(types, network.pods),
            disk_gib=pool.disk_gib,
            bottlerocket=pool.bottlerocket,
            kube_reserved=_reserved(pool.kubelet.kube_reserved),
            system_reserved=_reserved(pool.kubelet.system_reserved),
        )
        for each in types
    ]
    smallest = Resources(
        cpu=min(each.cpu for each in nodes),
        memory=min(each.memory for each in nodes),
        storage=min(each.storage for each in nodes),
        accelerators=min(each.accelerators for each in nodes),
        pods=min(each.pods for each in nodes),
    )
    system = on_every_node(agent_requests(settings), settings.optional_add_ons)
    plugin = DEVICE_PLUGINS[pool.plugin] if pool.plugin else Resources(cpu=0, memory=0, pods=0)
    return NodeGroupModel(
        name=" or ".join(pool.instance_types),
        free=smallest - system - plugin,
        min=redistributed(pool.per_zone.min, len(network.zones), len(network.zones_in)),
        max=pool.per_zone.max,
    )


def agent_requests(settings: Settings) -> Resources:
    """Returns the requests of the CloudWatch agent, which runs on every node."""
    return _resources(settings.observability.agent)


def _resources(requests: Requests | Agent) -> Resources:
    return Resources(cpu=millicores(requests.cpu), memory=mebibytes(requests.memory))


def _max_pods(types: Sequence[InstanceType], pods: Pods) -> int:
    """Returns the maximum number of pods on a node, including pods on the host network."""
    if pods.prefix_delegation:
        return min(each.pod_cap for each in types)
    if pods.cidr:
        return min(
            max_pods_per_node(types),
            *(addresses_for_pods(each) + HOST_NETWORK_PODS for each in types),
        )
    return max_pods_per_node(types)


def _reserved(reserved: Reserved) -> tuple[int | None, int | None]:
    """Returns CPU in millicores and memory in MiB; None: the default of the AMI."""
    return (
        millicores(reserved.cpu) if reserved.cpu else None,
        mebibytes(reserved.memory) if reserved.memory else None,
    )
