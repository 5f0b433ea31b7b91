"""The scenarios of a drill. Each causes a failure, and compares the serving pods with the claim."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from core.availability.zone_failure import NODES_NOT_READY, seconds_to_replacement
from tools.drills.drill import DETECTION, NO_EVICTION, Drill, Watch

_SETTLED = 120.0
"""Seconds within which all pods of a cell must be ready again after a scenario."""
POD_START = 2.0
"""Seconds from the assignment of a pod to its readiness, as in stages.yaml."""
_DRAIN_LIMIT = 900.0
"""Seconds for which EKS waits for the pods of a node before an update fails.
https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"""
_TOLERANCE = 1.2
"""Factor by which a measured time may exceed the computed one."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """The result of a scenario for one app, or for the cell."""

    scenario: str
    subject: str
    """The lost zone, drained nodes or event, and the app whose pods are counted."""
    promised: str
    seen: str
    kept: bool
    """True if `seen` is at least as good as `promised`."""


def zone_without_eviction(drill: Drill) -> Iterator[Row]:
    """Loses each zone without evictions: the pods in the other zones serve."""
    drill.controllers.start({**DETECTION, **NO_EVICTION})
    yield from _each_zone(drill, "at rest")


def zone_after_events(drill: Drill) -> Iterator[Row]:
    """Loses each zone after bursts, rollouts and scale-downs."""
    drill.controllers.start({**DETECTION, **NO_EVICTION})
    for name, event in _EVENTS.items():
        event(drill)
        drill.wait_until_whole(f"all pods ready after {name}")
        yield from _each_zone(drill, f"after {name}")


def _each_zone(drill: Drill, when: str) -> Iterator[Row]:
    for zone in drill.settings.network.zones_in:
        drill.wait_until_whole("all pods ready")
        with drill.watch() as watch:
            drill.zones.lose(zone)
            time.sleep(1)
        drill.zones.restore(zone)
        yield from _lowest(drill, watch, "zone lost", f"{zone} {when}")


def _lowest(drill: Drill, watch: Watch, scenario: str, what: str) -> Iterator[Row]:
    """Yields for each app the lowest number of serving pods, and the number that it needs."""
    for app, needed in drill.needed():
        lowest = watch.lowest(app)
        yield Row(
            scenario=scenario,
            subject=f"{what}: {app}",
            promised=f"at least {needed} pods serve",
            seen=f"{lowest} of {watch.samples[0].total(app)} {_by_zone(watch, app)}",
            kept=lowest >= needed,
        )


def _by_zone(watch: Watch, app: str) -> str:
    first = watch.samples[0].serving[app]
    return "(" + "/".join(str(first[zone]) for zone in sorted(first)) + " by zone)"


def zone_with_eviction(drill: Drill) -> Iterator[Row]:
    """Loses a zone and evicts its pods at the default rates: new pods start in other zones."""
    drill.controllers.start({})
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[0]
    nodes = len(drill.nodes_in(zone))
    limits = {
        name: _TOLERANCE * (
            seconds_to_replacement(nodes, [app.toleration_seconds.unreachable]).latest + POD_START
        )
        for name, app in drill.settings.apps.items()
    }  # fmt: skip
    with drill.watch() as watch:
        wanted = {app: watch.samples[0].total(app) for app in drill.settings.apps}
        drill.zones.lose(zone)
        deadline = time.monotonic() + max(limits.values()) + 5
        while time.monotonic() < deadline:
            sample = watch.samples[-1]
            if sample.seconds > NODES_NOT_READY.latest and all(
                sample.total(app) >= count for app, count in wanted.items()
            ):
                break
            time.sleep(0.5)
    drill.zones.restore(zone)
    yield from _lowest(drill, watch, "zone lost, pods evicted", zone)
    for app, limit in limits.items():
        seconds = watch.seconds_until(lambda each, app=app: each.total(app) >= wanted[app])
        yield Row(
            scenario="zone lost, pods evicted",
            subject=f"{zone}: {app}",
            promised=f"all {wanted[app]} pods serve within {limit:.0f}s",
            seen="not within the time" if seconds is None else f"{seconds:.0f}s",
            kept=seconds is not None and seconds <= limit,
        )


def drain_zone(drill: Drill) -> Iterator[Row]:
    """Drains each node of a zone with the Eviction API, one node after another."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[0]
    nodes = drill.nodes_in(zone)
    with drill.watch() as watch:
        for node in nodes:
            drill.server.patch(node, {"spec": {"unschedulable": True}})
        seconds = [
            drill.wait(
                f"drain of {name}", lambda name=name: not _evict_from(drill, name), _DRAIN_LIMIT
            )
            for name in (node["metadata"]["name"] for node in nodes)
        ]
        for node in nodes:
            drill.server.patch(node, {"spec": {"unschedulable": False}})
    yield from _lowest(drill, watch, "zone drained", zone)
    yield Row(
        scenario="zone drained",
        subject=f"{zone}: {len(nodes)} nodes",
        promised=f"each is drained within {_DRAIN_LIMIT / 60:.0f} minutes",
        seen=f"{max(seconds):.0f}s for the slowest, {sum(seconds):.0f}s for all",
        kept=max(seconds) < _DRAIN_LIMIT,
    )


def _evict_from(drill: Drill, node: str) -> bool:
    """Evicts the pods of a node; false if no pod is left."""
    pods = [
        pod
        for pod in drill.server.list("v1", "Pod", fieldSelector=f"spec.nodeName={node}")
        if pod["metadata"]["ownerReferences"][0]["kind"] != "DaemonSet"
    ]
    for pod in pods:
        if "deletionTimestamp" not in pod["metadata"]:
            drill.server.evict(pod)
    return bool(pods)


def rollout(drill: Drill) -> Iterator[Row]:
    """Rolls out a new version of each app."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    for app in drill.settings.apps:
        replicas = drill.deployment(app)["spec"]["replicas"]
        with drill.watch() as watch:
            _roll_out(drill, app)
            limit = drill.deployment(app)["spec"]["progressDeadlineSeconds"]
            seconds = drill.wait(f"rollout of {app}", lambda: not [*drill.incomplete()], limit)
        lowest = watch.lowest(app)
        yield Row(
            scenario="new version",
            subject=app,
            promised=f"at least {replicas} pods serve",
            seen=f"{lowest}, complete after {seconds:.0f}s",
            kept=lowest >= replicas,
        )


def _burst(drill: Drill) -> None:
    """Doubles the replicas of each app, up to the maximum, and returns to the minimum."""
    before = {app: drill.deployment(app)["spec"]["replicas"] for app in drill.settings.apps}
    for app, count in before.items():
        most = drill.settings.apps[app].replicas.max
        _scale(drill, app, min(2 * count, most))
    _wait_for_apps(drill, "all pods of a burst ready")
    for app, count in before.items():
        _scale(drill, app, count)


def _roll_out_all(drill: Drill) -> None:
    for app in drill.settings.apps:
        _roll_out(drill, app)
    _wait_for_apps(drill, "all apps rolled out")


_EVENTS: Mapping[str, Callable[[Drill], None]] = {
    "a burst": _burst,
    "a rollout": _roll_out_all,
    "a second burst": _burst,
}
"""Events before the loss of a zone, in order."""


def _wait_for_apps(drill: Drill, what: str) -> None:
    drill.wait(what, lambda: not [*drill.incomplete(drill.settings.apps)], _SETTLED)


def _scale(drill: Drill, app: str, replicas: int) -> None:
    drill.server.patch(drill.deployment(app), {"spec": {"replicas": replicas}})


def _roll_out(drill: Drill, app: str) -> None:
    """Changes the template of an app, as a new image does."""
    now = {"drill": str(time.monotonic_ns())}
    drill.server.patch(
        drill.deployment(app), {"spec": {"template": {"metadata": {"annotations": now}}}}
    )


SCENARIOS: Mapping[str, Callable[[Drill], Iterator[Row]]] = {
    "zones": zone_without_eviction,
    "events": zone_after_events,
    "drain": drain_zone,
    "rollout": rollout,
    "eviction": zone_with_eviction,
}
"""All scenarios by name, in the order in which they run."""
