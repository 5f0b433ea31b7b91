"""Bursts: the load of each app doubles, with headroom and without, and returns."""

import time
from collections.abc import Iterator, Mapping

from core.availability.burst import (
    ready_at_once,
    seconds_to_new_replicas,
    seconds_to_scale_down,
)
from settings.availability import zone_model_of
from tools.control_plane.manifest import Manifest
from tools.control_plane.metrics_server import RESOLUTION_SECONDS
from tools.drills.drill import DETECTION, Drill, DrillError
from tools.drills.load import AUTOSCALER_SECONDS, FAST_AUTOSCALER, Load, usual_load
from tools.drills.node_model import BOOT_SECONDS
from tools.drills.pod_times import PodTimes, pod_times
from tools.drills.result import Result
from tools.drills.scenarios.cell_changes import no_headroom, same_replicas_afterwards
from tools.drills.scenarios.common import POD_START

_FACTOR = 2.0
"""Load of a burst, as a multiple of the usual load."""

_WITHOUT_NODE = POD_START + 2
"""Seconds from the creation of a pod to its readiness, without a wait for a node."""

_FASTER = 20
"""Factor by which the scale-down of a drill is faster than in the stack."""

_METRICS = seconds_to_new_replicas(RESOLUTION_SECONDS, AUTOSCALER_SECONDS).latest
"""Seconds from a change of the load to the change of the replicas, in a drill."""

SETTLED = 60.0
"""Seconds within which all pods of a burst are ready, besides the time of the autoscaler."""


def with_headroom(drill: Drill) -> Iterator[Result]:
    """Doubles the load of each app, and returns it: new pods start on headroom."""
    drill.controllers.start({**DETECTION, **FAST_AUTOSCALER})
    drill.wait_until_whole("all pods ready")
    scenario = "burst"
    with same_replicas_afterwards(drill), usual_load(drill) as load:
        with drill.watch(scenario), pod_times(drill) as times:
            replicas = raise_load(drill, load)
            drill.wait_until_whole("all pods and headroom of a burst ready", SETTLED)
        model = zone_model_of(drill.settings)
        for app, old in replicas.items():
            new = drill.replicas(app) - old
            yield _autoscaled(scenario, app, times, drill.settings.cluster.pod_autoscaler_seconds)
            at_once = [each.start for each in times.of(app) if each.start is not None]
            yield Result(
                scenario=scenario,
                subject=app,
                bound="at least",
                computed=ready_at_once(new, model.headroom.get(app, 0), model.zones),
                unit=f"new pods are ready within {_WITHOUT_NODE:.0f}s",
                seen=sum(each <= _WITHOUT_NODE for each in at_once),
                detail=f"of {new}, the last after {max(at_once, default=0):.1f}s",
            )
            yield _all_ready(drill, scenario, app, times)
        yield from _return(drill, load)


def without_headroom(drill: Drill) -> Iterator[Result]:
    """Doubles the load of each app in a cell without headroom: new pods wait for nodes."""
    drill.controllers.start({**DETECTION, **FAST_AUTOSCALER})
    drill.wait_until_whole("all pods ready")
    scenario = "burst without headroom"
    with same_replicas_afterwards(drill), no_headroom(drill), usual_load(drill) as load:
        with drill.watch(scenario), pod_times(drill) as times:
            raise_load(drill, load)
            drill.wait_until_whole("all pods of a burst ready", SETTLED)
        for app in drill.settings.replicated:
            yield _all_ready(drill, scenario, app, times)
        slowest = max(
            each.start or 0 for app in drill.settings.replicated for each in times.of(app)
        )
        yield Result(
            scenario=scenario,
            subject="all apps",
            bound="at least",
            computed=BOOT_SECONDS,
            unit="s from the creation of the last pod to its readiness",
            seen=slowest,
            detail=f"{slowest / _WITHOUT_NODE:.1f} times as long as on headroom; nodes are assumed "
            f"to boot in {BOOT_SECONDS:.0f}s, on AWS in 60 to 120s",
        )


def with_node(drill: Drill) -> float:
    """Returns the seconds from the creation of a pod to its readiness on a new node."""
    return drill.supply.node_seconds + _WITHOUT_NODE


def raise_load(drill: Drill, load: Load) -> Mapping[str, int]:
    """Raises the load of each app, and waits for its new replicas; returns the former replicas."""
    before = {app: drill.replicas(app) for app in drill.settings.replicated}
    for app in before:
        load.load(app, _FACTOR)
    try:
        drill.wait(
            "replicas for a burst",
            lambda: all(load.is_carried(app, drill.replicas(app)) for app in before),
            SETTLED + _METRICS,
        )
    except DrillError as error:
        raise DrillError(f"{error}; {'; '.join(_autoscalers(drill))}") from None
    return before


def _autoscalers(drill: Drill) -> Iterator[str]:
    """Yields the state of each pod autoscaler."""
    for each in drill.server.list("autoscaling/v2", "HorizontalPodAutoscaler"):
        status = each["status"]
        reasons = ", ".join(condition["message"] for condition in status["conditions"])
        yield (
            f"{each['metadata']['name']}: {status.get('desiredReplicas')} replicas desired at "
            f"{status.get('currentMetrics')} ({reasons})"
        )


def _autoscaled(scenario: str, app: str, times: PodTimes, autoscaler_seconds: int) -> Result:
    """Returns the time from the change of the load to the first new pod."""
    eks = seconds_to_new_replicas(autoscaler=autoscaler_seconds)
    return Result(
        scenario=scenario,
        subject=app,
        bound="at most",
        computed=_METRICS,
        unit="s until the first new pod is created",
        seen=min((each.created for each in times.of(app)), default=None),
        detail=f"{eks} with the intervals of EKS",
    )


def _all_ready(drill: Drill, scenario: str, app: str, times: PodTimes) -> Result:
    """Returns the time from the creation of the slowest new pod to its readiness."""
    starts = [each.start for each in times.of(app)]
    return Result(
        scenario=scenario,
        subject=app,
        bound="at most",
        computed=with_node(drill),
        unit="s from the creation of each pod to its readiness",
        seen=max(each for each in starts if each is not None) if all(starts) else None,
        detail=f"{len(starts)} new pods",
    )


def _return(drill: Drill, load: Load) -> Iterator[Result]:
    """Returns the load of each app: the autoscaler removes the replicas of the burst."""
    for each in drill.server.list("autoscaling/v2", "HorizontalPodAutoscaler"):
        drill.server.patch(each, _faster(each))
    former = {app: drill.replicas(app) for app in drill.settings.replicated}
    minimum: dict[str, int] = {}
    for app in former:
        load.load(app, 1)
        minimum[app] = load.replicas(app)
    seconds: dict[str, float] = {}
    began = time.monotonic()

    def returned() -> bool:
        for app in former:
            if app not in seconds and drill.replicas(app) <= minimum[app]:
                seconds[app] = time.monotonic() - began
        return len(seconds) == len(former)

    computed = {app: _scale_down(drill, app, n, minimum[app]) for app, n in former.items()}
    drill.wait("replicas after a burst", returned, 2 * max(c for c, _ in computed.values()))
    for app, (in_drill, in_stack) in computed.items():
        yield Result(
            scenario="load returns",
            subject=app,
            bound="at most",
            computed=in_drill,
            unit=f"s until {minimum[app]} replicas",
            seen=seconds[app],
            detail=f"from {former[app]}; scale-down is {_FASTER} times faster than in the stack, "
            f"which takes {in_stack:.0f}s",
        )


def _scale_down(drill: Drill, app: str, replicas: int, minimum: int) -> tuple[float, float]:
    """Returns the seconds of a scale-down in the drill, and with the settings of the stack."""
    down = drill.settings.replicated[app].scaling.down
    in_stack = seconds_to_scale_down(
        replicas,
        minimum,
        stabilization=down.stabilization_seconds,
        percent=down.percent,
        period=down.period_seconds,
    )
    in_drill = seconds_to_scale_down(
        replicas,
        minimum,
        stabilization=down.stabilization_seconds // _FASTER,
        percent=down.percent,
        period=_period(down.period_seconds) + AUTOSCALER_SECONDS,
    )
    on_eks = seconds_to_new_replicas(autoscaler=drill.settings.cluster.pod_autoscaler_seconds)
    return in_drill + _METRICS, in_stack + on_eks.latest


def _faster(autoscaler: Manifest) -> Manifest:
    """Returns the change of a pod autoscaler that makes its scale-down faster."""
    down = autoscaler["spec"]["behavior"]["scaleDown"]
    policies = [
        {**each, "periodSeconds": _period(each["periodSeconds"])} for each in down["policies"]
    ]
    stabilization = down["stabilizationWindowSeconds"] // _FASTER
    faster = {**down, "policies": policies, "stabilizationWindowSeconds": stabilization}
    return {"spec": {"behavior": {"scaleDown": faster}}}


def _period(seconds: int) -> int:
    return max(1, seconds // _FASTER)
