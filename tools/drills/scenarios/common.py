"""Actions and results that several scenarios share."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence

from core.availability.rebalancing import pods_to_move, seconds_until_even
from settings.availability import zone_model_of
from tools.control_plane.manifest import Manifest
from tools.drills.descheduler import RUN_SECONDS, descheduler
from tools.drills.drill import Drill, Sample, Watch
from tools.drills.objects import SYSTEM_NAMESPACE
from tools.drills.result import Result

NEVER_READY = "registry.example.com/bad:never-ready"
"""Image of a bad release: pods with this tag do not become ready, as in stages.yaml."""

POD_START = 2.0
"""Seconds from the assignment of a pod to its readiness, as in stages.yaml."""

EVICTION_TOLERANCE = 1.2
"""Factor by which the time until evicted pods serve elsewhere may exceed the computed one."""

_DNS = "coredns"

_SETTLED = 120.0
"""Seconds within which all pods of the apps must be ready again after an event."""


def lowest(
    drill: Drill, watch: Watch, scenario: str, subject: str, *, baseline: bool = True
) -> Iterator[Result]:
    """Yields for each app the lowest number of serving pods, and the number that it needs.

    `baseline` is false if the event did not affect the baseline.
    """
    for app, needed in drill.needed():
        yield Result(
            scenario=scenario,
            subject=f"{subject}: {app}",
            bound="at least",
            computed=needed,
            unit="pods serve",
            seen=watch.lowest(app),
            baseline=watch.baseline(app) if baseline else None,
            detail=f"of {watch.samples[0].total(app)}, {by_zone(watch.samples[0], app)}",
        )


def even_again(drill: Drill, scenario: str, subject: str) -> Iterator[Result]:
    """Runs the descheduler; yields for each app the time until the zones differ by at most one pod.

    The time that follows from the settings depends on the pods that have to move now.
    """
    began = time.monotonic()
    zones = drill.settings.network.zones_in
    serving = drill.sample(began).serving
    computed = {
        app: seconds_until_even(
            pods_to_move([serving[app][zone] for zone in zones]), POD_START, RUN_SECONDS
        )
        for app in drill.settings.replicated
    }
    with (
        descheduler(drill.server, drill.recording, drill.folder),
        drill.watch(f"{scenario}: {subject}") as watch,
    ):
        while time.monotonic() < began + 3 * max(computed.values()):
            if all(_is_even(watch.samples[-1], app, zones) for app in computed):
                break
            time.sleep(0.2)
    for app, seconds in computed.items():
        yield Result(
            scenario=scenario,
            subject=f"{subject}: {app}",
            bound="at most",
            computed=seconds,
            unit="s until the zones differ by at most one pod",
            seen=watch.seconds_until(lambda each, app=app: _is_even(each, app, zones)),
            detail=by_zone(watch.samples[0], app),
        )


def _is_even(sample: Sample, app: str, zones: Sequence[str]) -> bool:
    """True if the serving pods of an app differ by at most one between the zones."""
    counts = [sample.serving[app][zone] for zone in zones]
    return max(counts) - min(counts) <= 1


def by_zone(sample: Sample, app: str) -> str:
    """Returns the serving pods of an app by zone."""
    serving = sample.serving[app]
    return "/".join(str(serving[zone]) for zone in sorted(serving)) + " by zone"


def dns_pods(drill: Drill) -> int:
    """Returns the number of serving CoreDNS pods."""
    pods = drill.serving_pods([SYSTEM_NAMESPACE])
    return sum(pod["metadata"]["labels"].get("name") == _DNS for _, _, pod in pods)


def dns_serve(drill: Drill, seen: int, scenario: str, subject: str) -> Result:
    """Returns the number of serving CoreDNS pods, and the number outside of the fullest zone."""
    model = zone_model_of(drill.settings)
    [dns] = [each for each in model.system if each.pod.name == _DNS]
    return Result(
        scenario=scenario,
        subject=f"{subject}: {_DNS}",
        bound="at least",
        computed=dns.pods - dns.pods_in_fullest_zone(model.zones),
        unit="pods serve",
        seen=seen,
        detail=f"of {dns.pods}",
    )


def returned(drill: Drill, scenario: str, subject: str) -> Iterator[Result]:
    """Yields the number of serving pods of each app after the end of a failure, and all replicas.

    Waits until all pods are ready.
    """
    began = time.monotonic()
    wait_for_apps(drill, f"all pods ready after {scenario}")
    seconds = time.monotonic() - began
    sample = drill.sample(began)
    for app in drill.settings.replicated:
        yield Result(
            scenario=scenario,
            subject=f"{subject}: {app}",
            bound="at least",
            computed=drill.replicas(app),
            unit="pods serve after the end",
            seen=sample.total(app),
            detail=f"{seconds:.0f}s after the end",
        )


def wait_for_apps(drill: Drill, what: str) -> None:
    """Waits until all pods of all apps are ready and of the current version.

    Waits for the baseline too.
    """
    apps = drill.with_baseline(*drill.settings.replicated)
    drill.wait(what, lambda: not [*drill.incomplete(apps)], _SETTLED)


def wait_for_serving(
    watch: Watch, wanted: Mapping[str, int], *, after: float, limit: float
) -> None:
    """Waits until `wanted` pods of each app serve, `after` seconds or later, for `limit` seconds.

    The watch has to run.
    """
    while watch.samples[-1].seconds < limit:
        sample = watch.samples[-1]
        if sample.seconds > after and all(
            sample.total(app) >= count for app, count in wanted.items()
        ):
            return
        time.sleep(0.2)


def shorten_tolerations(drill: Drill, nodes: Collection[str], seconds: int) -> None:
    """Makes the pods of nodes stay only some seconds on their nodes when these are unreachable.

    A toleration of a pod cannot be changed, but another one can be added. The first one applies.
    https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/v1/helper/helpers.go
    """
    shorter = {
        "key": "node.kubernetes.io/unreachable",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": seconds,
    }
    for pod in evictable_pods(drill, nodes):
        tolerations = [shorter, *pod["spec"]["tolerations"]]
        drill.server.patch(pod, {"spec": {"tolerations": tolerations}})


def evictable_pods(drill: Drill, nodes: Collection[str]) -> Iterator[Manifest]:
    """Yields the pods that Kubernetes evicts from unreachable nodes after some time.

    Pods of DaemonSets and pause pods tolerate the loss of their node without a limit.
    """
    for pod in drill.server.list("v1", "Pod"):
        tolerations = pod["spec"].get("tolerations", [])
        limited = any("tolerationSeconds" in each for each in tolerations)
        if pod["spec"].get("nodeName") in nodes and limited:
            yield pod


def scale(drill: Drill, app: str, replicas: int) -> None:
    """Sets the number of replicas of an app and of its baseline."""
    for name in drill.with_baseline(app):
        drill.server.patch(drill.deployment(name), {"spec": {"replicas": replicas}})


def roll_out(drill: Drill, app: str) -> None:
    """Changes the template of an app and of its baseline, as a new image does."""
    now = {"drill": str(time.monotonic_ns())}
    for name in drill.with_baseline(app):
        drill.server.patch(
            drill.deployment(name), {"spec": {"template": {"metadata": {"annotations": now}}}}
        )


def surge(drill: Drill, app: str) -> int:
    """Returns the maximum number of pods of a rollout beyond the replicas."""
    return drill.deployment(app)["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
