"""Bursts: the load of each app doubles, with headroom and without, and returns."""

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from core.availability.burst import (
    ready_at_once,
    ready_if_out_of_stock,
    seconds_to_new_replicas,
    seconds_to_scale_down,
)
from core.availability.zone_loss import nodes_at_rest
from core.labels import HEADROOM_FOR, POOL
from settings.availability import zone_model_of
from tools.control_plane.api_server import Manifest
from tools.control_plane.metrics_server import RESOLUTION_SECONDS
from tools.drills.drill import DETECTION, Drill
from tools.drills.load import AUTOSCALER_SECONDS, FAST_AUTOSCALER, Load, usual_load
from tools.drills.node_model import BOOT_SECONDS, SCAN_SECONDS
from tools.drills.pod_times import PodTimes, pod_times
from tools.drills.result import Result
from tools.drills.scenarios.common import POD_START, by_zone, scale

_FACTOR = 2.0
"""Load of a burst, as a multiple of the usual load."""

_WITHOUT_NODE = POD_START + 2
"""Seconds from the creation of a pod to its readiness, without a wait for a node."""

_WITH_NODE = 2 * SCAN_SECONDS + BOOT_SECONDS + _WITHOUT_NODE
"""Seconds from the creation of a pod to its readiness on a new node."""

_AFTER_FAILED_NODE = _WITH_NODE + SCAN_SECONDS + BOOT_SECONDS
"""Seconds from the creation of a pod to its readiness, if the first node does not arrive."""

_FASTER = 20
"""Factor by which the scale-down of a drill is faster than in the stack."""

_METRICS = seconds_to_new_replicas(RESOLUTION_SECONDS, AUTOSCALER_SECONDS).latest
"""Seconds from a change of the load to the change of the replicas, in a drill."""

_SETTLED = 60.0
"""Seconds within which all pods of a burst are ready, besides the time of the autoscaler."""


def with_headroom(drill: Drill) -> Iterator[Result]:
    """Doubles the load of each app, and returns it: new pods start on headroom."""
    drill.controllers.start({**DETECTION, **FAST_AUTOSCALER})
    drill.wait_until_whole("all pods ready")
    scenario = "burst"
    with _same_nodes_afterwards(drill), usual_load(drill) as load:
        with drill.watch(scenario), pod_times(drill) as times:
            replicas = _burst(drill, load)
            drill.wait_until_whole("all pods and headroom of a burst ready", _SETTLED)
        model = zone_model_of(drill.settings)
        for app, old in replicas.items():
            new = load.replicas(app) - old
            yield _autoscaled(scenario, app, times)
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
            yield _all_ready(scenario, app, times)
        yield from _return(drill, load)


def without_headroom(drill: Drill) -> Iterator[Result]:
    """Doubles the load of each app in a cell without headroom: new pods wait for nodes."""
    drill.controllers.start({**DETECTION, **FAST_AUTOSCALER})
    drill.wait_until_whole("all pods ready")
    scenario = "burst without headroom"
    with _same_nodes_afterwards(drill), _no_headroom(drill), usual_load(drill) as load:
        with drill.watch(scenario), pod_times(drill) as times:
            _burst(drill, load)
            drill.wait_until_whole("all pods of a burst ready", _SETTLED)
        for app in drill.settings.apps:
            yield _all_ready(scenario, app, times)
        slowest = max(each.start or 0 for app in drill.settings.apps for each in times.of(app))
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


def out_of_stock(drill: Drill) -> Iterator[Result]:
    """Doubles the load of each app while a zone receives no nodes: other zones run the pods."""
    drill.controllers.start({**DETECTION, **FAST_AUTOSCALER})
    drill.wait_until_whole("all pods ready")
    scenario, zone = "burst, zone out of stock", drill.settings.network.zones_in[0]
    with _same_nodes_afterwards(drill), usual_load(drill) as load:
        with _no_stock(drill, zone), drill.watch(scenario) as watch, pod_times(drill) as times:
            _burst(drill, load)
            computed = ready_if_out_of_stock(
                zone_model_of(drill.settings),
                {app: load.replicas(app) for app in drill.settings.apps},
                {n for n, app in drill.settings.apps.items() if app.spread.zones == "strict"},
            )
            deadline = time.monotonic() + _SETTLED
            while time.monotonic() < deadline and any(
                watch.samples[-1].total(app) < count for app, count in computed.items()
            ):
                time.sleep(1)
            last = watch.samples[-1]
        for app, count in computed.items():
            starts = [each.start for each in times.of(app) if each.start is not None]
            yield Result(
                scenario=scenario,
                subject=f"{zone}: {app}",
                bound="at least",
                computed=count,
                unit="pods serve",
                seen=last.total(app),
                detail=f"of {load.replicas(app)}, {by_zone(last, app)}",
            )
            yield Result(
                scenario=scenario,
                subject=f"{zone}: {app}",
                bound="at most",
                computed=_AFTER_FAILED_NODE,
                unit="s from the creation of each of these pods to its readiness",
                seen=max(starts, default=None),
                detail="pods wait for a node that does not arrive, and then for one in another "
                "zone",
            )


@contextmanager
def _no_stock(drill: Drill, zone: str) -> Generator[None]:
    """Delivers no nodes in a zone while the block runs."""
    drill.templates.out_of_stock.add(zone)
    try:
        yield
    finally:
        drill.templates.out_of_stock.discard(zone)


def _burst(drill: Drill, load: Load) -> Mapping[str, int]:
    """Raises the load of each app, and waits for its new replicas; returns the former replicas."""
    before = {app: _replicas(drill, app) for app in drill.settings.apps}
    for app in before:
        load.load(app, _FACTOR)
    drill.wait(
        "replicas for a burst",
        lambda: all(_replicas(drill, app) >= load.replicas(app) for app in before),
        _SETTLED + _METRICS,
    )
    return before


def _autoscaled(scenario: str, app: str, times: PodTimes) -> Result:
    """Returns the time from the change of the load to the first new pod."""
    eks = seconds_to_new_replicas()
    return Result(
        scenario=scenario,
        subject=app,
        bound="at most",
        computed=_METRICS,
        unit="s until the first new pod is created",
        seen=min((each.created for each in times.of(app)), default=None),
        detail=f"{eks} with the intervals of EKS",
    )


def _all_ready(scenario: str, app: str, times: PodTimes) -> Result:
    """Returns the time from the creation of the slowest new pod to its readiness."""
    starts = [each.start for each in times.of(app)]
    return Result(
        scenario=scenario,
        subject=app,
        bound="at most",
        computed=_WITH_NODE,
        unit="s from the creation of each pod to its readiness",
        seen=max(each for each in starts if each is not None) if all(starts) else None,
        detail=f"{len(starts)} new pods",
    )


def _return(drill: Drill, load: Load) -> Iterator[Result]:
    """Returns the load of each app: the autoscaler removes the replicas of the burst."""
    for each in drill.server.list("autoscaling/v2", "HorizontalPodAutoscaler"):
        drill.server.patch(each, _faster(each))
    former = {app: _replicas(drill, app) for app in drill.settings.apps}
    minimum: dict[str, int] = {}
    for app in former:
        load.load(app, 1)
        minimum[app] = load.replicas(app)
    seconds: dict[str, float] = {}
    began = time.monotonic()

    def returned() -> bool:
        for app in former:
            if app not in seconds and _replicas(drill, app) <= minimum[app]:
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
    down = drill.settings.apps[app].scaling.down
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
    return in_drill + _METRICS, in_stack + seconds_to_new_replicas().latest


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


def _replicas(drill: Drill, app: str) -> int:
    return drill.deployment(app)["spec"]["replicas"]


@contextmanager
def _same_nodes_afterwards(drill: Drill) -> Generator[None]:
    """Restores nodes, replicas and autoscalers when the block ends."""
    nodes = {each["metadata"]["name"] for each in drill.server.list("v1", "Node")}
    replicas = {app: _replicas(drill, app) for app in drill.settings.apps}
    autoscalers = drill.server.list("autoscaling/v2", "HorizontalPodAutoscaler")
    yield
    for each in autoscalers:
        drill.server.patch(each, {"spec": {"behavior": each["spec"]["behavior"]}})
    for app, count in replicas.items():
        scale(drill, app, count)
    for each in drill.server.list("v1", "Node"):
        if each["metadata"]["name"] not in nodes:
            remove_node(drill, each)
    drill.wait_until_whole("all pods ready after a burst")


@contextmanager
def _no_headroom(drill: Drill) -> Generator[None]:
    """Removes the headroom and its nodes while the block runs."""
    pause = drill.server.list("apps/v1", "Deployment", labelSelector=HEADROOM_FOR)
    for each in pause:
        drill.server.patch(each, {"spec": {"replicas": 0}})
    _consolidate(drill)
    drill.wait_until_whole("all pods ready without headroom")
    yield
    for each in pause:
        drill.server.patch(each, {"spec": {"replicas": each["spec"]["replicas"]}})


def _consolidate(drill: Drill) -> None:
    """Removes the nodes that a cell without headroom does not have, those with fewest pods first.

    The Cluster Autoscaler does so ten minutes after the headroom is removed.
    """
    counts = nodes_at_rest(replace(zone_model_of(drill.settings), headroom={}))
    pods = [each["spec"].get("nodeName") for each in drill.server.list("v1", "Pod")]
    for zone in drill.settings.network.zones_in:
        for pool, count in counts.items():
            nodes = [
                each
                for each in drill.nodes_in(zone)
                if each["metadata"]["labels"][POOL] == pool
            ]  # fmt: skip
            nodes.sort(key=lambda each: pods.count(each["metadata"]["name"]))
            for each in nodes[: max(0, len(nodes) - count)]:
                remove_node(drill, each)


def remove_node(drill: Drill, node: Manifest) -> None:
    """Deletes a node and its pods at once."""
    drill.server.patch(node, {"spec": {"unschedulable": True}})
    name = node["metadata"]["name"]
    for pod in drill.server.list("v1", "Pod", fieldSelector=f"spec.nodeName={name}"):
        drill.server.delete_now(pod)
    drill.server.delete_now(node)
