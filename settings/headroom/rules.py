"""Rules for ha-eks:headroom: the pools have capacity for the pods of a zone and its headroom."""

import sys
from collections.abc import Iterator
from dataclasses import replace

from core.availability.packing import NodeGroupModel
from core.availability.resources import Resources
from core.availability.zone_loss import SYSTEM, Workload, ZoneModel, pack_fullest_zone
from core.facts.versions.kubernetes import minor_of
from settings.availability import zone_model_of
from settings.headroom.too_large_pods import STORAGE, too_large_pods, too_large_system_pods
from settings.reading.problem import Problem
from settings.reading.wording import counted, listed
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:headroom"
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
    too_large = [*too_large_pods(settings, model), *too_large_system_pods(model)]
    yield from too_large
    if too_large:
        return
    full = list(_full_pools(model))
    yield from full or _rollouts(settings, model)


def _full_pools(model: ZoneModel) -> Iterator[Problem]:
    """Yields a problem for each pool whose nodes have no capacity for a zone's pods."""
    short = {name for pod in pack_fullest_zone(model).pending for name in pod.pools}
    if not short:
        return
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
    return f"{resources.cpu}m CPU, {resources.memory}Mi and {resources.storage}Mi {STORAGE}"


RULES = (_apps_exist, _capacity_buffers, _pools_fit)
