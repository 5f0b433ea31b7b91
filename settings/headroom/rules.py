"""Rules for ha-eks:headroom: the pools have capacity for the pods of a zone and its headroom."""

import sys
from collections.abc import Iterator
from dataclasses import replace

from core.availability.packing import NodeGroupModel
from core.availability.zone_loss import SYSTEM, ZoneModel, pack_fullest_zone
from core.facts.versions.kubernetes import minor_of
from settings.app.container import Requests
from settings.availability import zone_model_of
from settings.reading.problem import Problem
from settings.reading.quantities import mebibytes, millicores
from settings.reading.wording import counted, listed
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:headroom"
_CAPACITY_BUFFER_MINOR = 35
"""Minor version of the first Cluster Autoscaler with CapacityBuffer."""


def _apps_exist(settings: Settings) -> Iterator[Problem]:
    for name in settings.headroom.pods:
        if name not in settings.apps:
            yield Problem(
                key=f"{_KEY}.pods.{name}",
                message=f"there is no app {name}; write one of {', '.join(sorted(settings.apps))}",
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
    too_large = list(_too_large_pods(settings, model))
    yield from too_large
    if too_large:
        return
    short = {name for pod in pack_fullest_zone(model).pending for name in pod.pools}
    unlimited = {name: replace(group, max=sys.maxsize) for name, group in model.pools.items()}
    needed = pack_fullest_zone(replace(model, pools=unlimited))
    for pool in sorted(short):
        if needed.count(pool) > model.pools[pool].max:
            yield Problem(
                key=f"{NAMESPACE}:pools.{pool}.perZone.max",
                message=_too_few_nodes(model, pool, needed.count(pool)),
            )


def _usable(group: NodeGroupModel) -> bool:
    return min(group.free.cpu, group.free.memory, group.free.pods) > 0


def _too_large_pods(settings: Settings, model: ZoneModel) -> Iterator[Problem]:
    """Yields a problem for each app whose pods fit on no node."""
    for app in model.apps:
        name = app.pod.name
        groups = {pool: model.pools[pool] for pool in sorted(app.pod.pools) if pool in model.pools}
        if groups and not any(app.pod.requests.fits(group.free) for group in groups.values()):
            requests = settings.apps[name].requests
            left = [
                f"{group.name} nodes in pool {pool} have {_missing(requests, group)}"
                for pool, group in groups.items()
            ]
            yield Problem(
                key=f"{NAMESPACE}:apps.{name}.requests",
                message=f"{name} requests {requests.cpu} CPU and {requests.memory} memory, but "
                f"{listed(left)} left after system pods; write smaller requests, or larger "
                "instance types",
            )


def _missing(requests: Requests, group: NodeGroupModel) -> str:
    """Returns the free amount on a node of each resource of which a pod requests more."""
    left = [f"{group.free.cpu}m CPU"] if millicores(requests.cpu) > group.free.cpu else []
    if mebibytes(requests.memory) > group.free.memory:
        left.append(f"{group.free.memory}Mi memory")
    return " and ".join(left)


def _too_few_nodes(model: ZoneModel, pool: str, nodes: int) -> str:
    """Returns the message for a pool that is too small, with the sum."""
    group, apps = model.pools[pool], [app for app in model.apps if pool in app.pod.pools]
    pods: list[str] = []
    for app in apps:
        count = app.pods_in_fullest_zone(model.zones)
        pods.append(f"{counted(count, f'{app.pod.name} pod')} ({app.pod.requests})")
    counts = {app.pod.name: model.headroom.get(app.pod.name, 0) for app in apps}
    headroom = [counted(count, f"{name} pod") for name, count in counts.items() if count]
    if any(pool in each.pod.pools for each in model.system):
        pods.append("system pods")
        headroom += ["system pods"] if model.headroom.get(SYSTEM) else []
    reserved, remedy = "", "or larger instance types"
    if headroom:
        reserved = f", with headroom for {listed(headroom)},"
        remedy = "larger instance types or less headroom"
    return (
        f"a zone runs {listed(pods)}{reserved} and needs {nodes} nodes with {group.free} each, but "
        f"max is {group.max}; write {nodes} or more, {remedy}"
    )


RULES = (_apps_exist, _capacity_buffers, _pools_fit)
