"""Rules for ha-eks:headroom: the pools have capacity for the pods of a zone and its headroom."""

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from core.availability.packing import NodeGroupModel
from core.availability.resources import Resources
from core.availability.zone_loss import (
    SYSTEM,
    Workload,
    ZoneModel,
    pack_fullest_zone,
    system_headroom,
)
from core.facts.versions.kubernetes import minor_of
from settings.availability import pod_of, zone_model_of
from settings.reading.problem import Problem
from settings.reading.wording import counted, listed
from settings.stack import NAMESPACE, Settings
from settings.workload.workload import Workload as AnyWorkload

_KEY = f"{NAMESPACE}:headroom"
_STORAGE, _ACCELERATORS = "ephemeral storage", "accelerators"
_CAPACITY_BUFFER_MINOR = 35
"""Minor version of the first Cluster Autoscaler with CapacityBuffer."""


def _apps_exist(settings: Settings) -> Iterator[Problem]:
    for name in settings.headroom.pods:
        if name not in settings.replicated:
            names = ", ".join(sorted(settings.replicated))
            yield Problem(
                key=f"{_KEY}.pods.{name}",
                message=f"there is no app or worker {name}; "
                + (f"write one of {names}" if names else "remove the key"),
            )


def _capacity_buffers(settings: Settings) -> Iterator[Problem]:
    headroom, version = settings.headroom, settings.cluster.version
    if headroom.mode != "capacityBuffer":
        return
    if minor_of(version) < _CAPACITY_BUFFER_MINOR:
        yield Problem(
            key=f"{_KEY}.mode",
            message=f"capacityBuffer requires Kubernetes 1.{_CAPACITY_BUFFER_MINOR} or later, but "
            f"cluster.version is {version}; write pausePods",
        )
    if headroom.size == "proportional":
        yield Problem(
            key=f"{_KEY}.size",
            message="proportional requires pause pods; write auto or none, or mode: pausePods",
        )


def _pools_fit(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each pool with too few nodes for a zone at minimum replicas."""
    if not settings.network.zones_in:
        return
    model = zone_model_of(settings)
    if len(model.pools) < len(settings.pools) or not all(map(_usable, model.pools.values())):
        return  # refused by the rules for instance types
    too_large = [*_too_large_pods(settings, model), *_too_large_system_pods(model)]
    yield from too_large
    if too_large:
        return
    full = list(_full_pools(model))
    yield from full or _rollouts(settings, model)


def _full_pools(model: ZoneModel) -> Iterator[Problem]:
    """Yields a problem for each pool whose nodes have no capacity for a zone's pods."""
    short = {name for pod in pack_fullest_zone(model).pending for name in pod.pools}
    unlimited = {name: replace(group, max=sys.maxsize) for name, group in model.pools.items()}
    needed = pack_fullest_zone(replace(model, pools=unlimited))
    for pool in sorted(short):
        if needed.count(pool) > model.pools[pool].max:
            yield Problem(
                key=f"{NAMESPACE}:pools.{pool}.perZone.max",
                message=_too_few_nodes(model, pool, needed.count(pool)),
            )


def _rollouts(settings: Settings, model: ZoneModel) -> Iterator[Problem]:
    """Yields a problem for each app or worker whose rollout can start no pod although all nodes are
    in use.

    A rollout terminates an old pod only after a new pod is ready; that of a singleton terminates
    the old pod first. New pods preempt headroom. The model is the zone with the fewest pods of all
    workloads, with one more pod of the app.
    """
    fewest = [_fewest(model, app) for app in model.apps]
    system = [_fewest(model, each) for each in model.system]
    bare = replace(model, apps=fewest, system=system, headroom={})
    if pack_fullest_zone(bare).pending:
        return  # refused by other rules
    for index, app in enumerate(model.apps):
        if app.pod.name not in settings.replicated:
            continue
        apps = [*fewest]
        apps[index] = replace(app, pods=fewest[index].pods + 1)
        if pack_fullest_zone(replace(bare, apps=apps)).pending:
            yield Problem(
                key=settings.key_of(app.pod.name, "replicas"),
                message=f"a rollout starts a new pod before an old pod terminates, but with the "
                f"minimum of {counted(app.pods, 'pod')}, no node of {_pool_names(app)} has "
                "capacity for another; raise perZone.max, or write larger instance types",
            )


def _fewest(model: ZoneModel, workload: Workload) -> Workload:
    """Returns a workload with as many pods in every zone as in the zone with the fewest."""
    return replace(workload, pods=workload.pods // model.zones * model.zones)


def _pool_names(app: Workload) -> str:
    return f"pool{'s' if len(app.pod.pools) > 1 else ''} {listed(sorted(app.pod.pools))}"


def _usable(group: NodeGroupModel) -> bool:
    return min(group.free.cpu, group.free.memory, group.free.storage, group.free.pods) > 0


def _too_large_pods(settings: Settings, model: ZoneModel) -> Iterator[Problem]:
    """Yields a problem for each workload whose pods fit on no node."""
    for name, workload in settings.workloads.items():
        pod = pod_of(settings, name, workload)
        groups = {pool: model.pools[pool] for pool in sorted(pod.pools) if pool in model.pools}
        if pod.requests.accelerators:  # other rules refuse pools without any
            groups = {pool: each for pool, each in groups.items() if each.free.accelerators}
        if groups and not any(pod.requests.fits(group.free) for group in groups.values()):
            missing = {pool: _missing(pod.requests, group) for pool, group in groups.items()}
            left = [
                f"{groups[pool].name} nodes in pool {pool} have {listed([*each.values()])}"
                for pool, each in missing.items()
            ]
            resources = {resource for each in missing.values() for resource in each}
            yield Problem(
                key=_requests_key(settings, name, resources),
                message=f"{name}{_beside(workload)} requests "
                f"{_requested(workload, resources)}, but "
                f"{listed(left)} left after system pods; write {_smaller(resources)}",
            )


def _too_large_system_pods(model: ZoneModel) -> Iterator[Problem]:
    """Yields a problem if a system pod, or the pause pod for system pods, fits on no node."""
    groups = {name: model.pools[name] for name in sorted(model.system[0].pod.pools)}
    too_large = [each.pod for each in model.system if _too_large(each.pod.requests, groups)]
    headroom = system_headroom(model.system, model.zones)
    if too_large:
        what, requests, remedy = f"a pod of {too_large[0].name}", too_large[0].requests, ""
    elif model.headroom.get(SYSTEM) and _too_large(headroom, groups):
        what, requests, remedy = (
            "the headroom for system pods",
            headroom,
            ", or headroom.size: none",
        )
    else:
        return
    left = [f"{each.name} nodes in pool {name} have {each.free}" for name, each in groups.items()]
    yield Problem(
        key=f"{NAMESPACE}:pools.{next(iter(groups))}.instanceTypes",
        message=f"{what} requests {requests}, but {listed(left)} left; write larger instance types"
        f"{remedy}",
    )


def _too_large(requests: Resources, groups: Mapping[str, NodeGroupModel]) -> bool:
    return bool(groups) and not any(requests.fits(group.free) for group in groups.values())


def _missing(requests: Resources, group: NodeGroupModel) -> Mapping[str, str]:
    """Returns the free amount on a node of each resource of which a pod requests more."""
    free = group.free
    left = {"cpu": f"{free.cpu}m CPU"} if requests.cpu > free.cpu else {}
    if requests.memory > free.memory:
        left["memory"] = f"{free.memory}Mi memory"
    if requests.storage > free.storage:
        left[_STORAGE] = f"{free.storage}Mi {_STORAGE}"
    if requests.accelerators > free.accelerators:
        left[_ACCELERATORS] = counted(free.accelerators, "accelerator")
    return left


def _requests_key(settings: Settings, name: str, missing: Collection[str]) -> str:
    """Returns the key of the requests for which nodes are too small."""
    if {*missing} != {_STORAGE}:
        return settings.key_of(name, "requests")
    written = settings.workloads[name].requests.ephemeral_storage
    return settings.key_of(name, "requests.ephemeralStorage" if written else "scratch")


def _beside(app: AnyWorkload) -> str:
    """Returns the other containers whose requests count in the requests of a pod."""
    both = {"init containers": app.init_containers, "sidecars": app.sidecars}
    found = [noun for noun, containers in both.items() if containers]
    return f" with its {listed(found)}" if found else ""


def _requested(app: AnyWorkload, missing: Collection[str]) -> str:
    """Returns the requests of a pod, with ephemeral storage and accelerators if nodes have too
    little of them."""
    each = app.resource_requests
    requests = [f"{each['cpu']} CPU", f"{each['memory']} memory"]
    if _STORAGE in missing:
        requests.append(f"{app.pod_requests.storage}Mi {_STORAGE}")
    if _ACCELERATORS in missing:
        requests.append(counted(app.pod_requests.accelerators, "accelerator"))
    return listed(requests)


def _smaller(missing: Collection[str]) -> str:
    """Returns the remedies if nodes are too small for a pod."""
    larger = ["larger instance types"] if {*missing} - {_STORAGE} else []
    larger += ["a larger diskGib"] if _STORAGE in missing else []
    requests = "smaller requests or scratch sizes" if _STORAGE in missing else "smaller requests"
    return f"{requests}, or {listed(larger)}"


def _too_few_nodes(model: ZoneModel, pool: str, nodes: int) -> str:
    """Returns the message for a pool that is too small, with the calculation."""
    group, apps = model.pools[pool], [app for app in model.apps if pool in app.pod.pools]
    storage, pods = _needs_storage(model, pool, nodes), list[str]()
    for app in apps:
        count = counted(app.pods_in_fullest_zone(model.zones), f"{app.pod.name} pod")
        pods.append(f"{count} ({_amount(app.pod.requests, storage)})")
    counts = {app.pod.name: model.headroom.get(app.pod.name, 0) for app in apps}
    headroom = [counted(count, f"{name} pod") for name, count in counts.items() if count]
    if any(pool in each.pod.pools for each in model.system):
        pods.append("system pods")
        headroom += ["system pods"] if model.headroom.get(SYSTEM) else []
    reserved, larger = "", "a larger diskGib" if storage else "larger instance types"
    remedy = f"or {larger}"
    if headroom:
        reserved = f", with headroom for {listed(headroom)},"
        remedy = f"{larger} or less headroom"
    return (
        f"a zone runs {listed(pods)}{reserved} and needs {nodes} nodes with "
        f"{_amount(group.free, storage)} each, but max is {group.max}; write {nodes} or more, "
        f"{remedy}"
    )


def _needs_storage(model: ZoneModel, pool: str, nodes: int) -> bool:
    """True if a pool needs `nodes` nodes for ephemeral storage, and fewer for CPU and memory."""
    pools = {
        name: replace(group, max=sys.maxsize, free=replace(group.free, storage=sys.maxsize))
        for name, group in model.pools.items()
    }
    return pack_fullest_zone(replace(model, pools=pools)).count(pool) < nodes


def _amount(resources: Resources, storage: bool) -> str:
    """Returns CPU and memory, and ephemeral storage if `storage` is true."""
    if not storage:
        return f"{resources}"
    return f"{resources.cpu}m CPU, {resources.memory}Mi and {resources.storage}Mi {_STORAGE}"


RULES = (_apps_exist, _capacity_buffers, _pools_fit)
