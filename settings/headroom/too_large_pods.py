"""Problems of pods that fit on no node, not even on an empty one."""

from collections.abc import Collection, Iterator, Mapping

from core.availability.packing import NodeGroupModel
from core.availability.resources import Resources
from core.availability.zone_loss import SYSTEM, ZoneModel, system_headroom
from settings.availability import pod_of
from settings.reading.problem import Problem
from settings.reading.wording import counted, listed
from settings.stack import NAMESPACE, Settings
from settings.workload.workload import Workload as AnyWorkload

STORAGE, _ACCELERATORS = "ephemeral storage", "accelerators"


def too_large_pods(settings: Settings, model: ZoneModel) -> Iterator[Problem]:
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


def too_large_system_pods(model: ZoneModel) -> Iterator[Problem]:
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
        left[STORAGE] = f"{free.storage}Mi {STORAGE}"
    if requests.accelerators > free.accelerators:
        left[_ACCELERATORS] = counted(free.accelerators, "accelerator")
    return left


def _requests_key(settings: Settings, name: str, missing: Collection[str]) -> str:
    """Returns the key of the requests for which nodes are too small."""
    if {*missing} != {STORAGE}:
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
    if STORAGE in missing:
        requests.append(f"{app.pod_requests.storage}Mi {STORAGE}")
    if _ACCELERATORS in missing:
        requests.append(counted(app.pod_requests.accelerators, "accelerator"))
    return listed(requests)


def _smaller(missing: Collection[str]) -> str:
    """Returns the remedies if nodes are too small for a pod."""
    larger = ["larger instance types"] if {*missing} - {STORAGE} else []
    larger += ["a larger diskGib"] if STORAGE in missing else []
    requests = "smaller requests or scratch sizes" if STORAGE in missing else "smaller requests"
    return f"{requests}, or {listed(larger)}"
