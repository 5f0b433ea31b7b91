"""Checks that autoscalers read metrics, nodes can be drained, and each zone has its headroom.

https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#appendix-horizontal-pod-autoscaler-status-conditions
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/apis/capacitybuffer/autoscaling.x-k8s.io/v1beta1/types.go
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from core.labels import HEADROOM_FOR, HEADROOM_IN
from settings.availability import headroom_of
from tools.deploy.check.result import (
    Object,
    Readings,
    Result,
    count,
    inputs_of,
    is_true,
    name_of,
    not_ok,
    ok,
    skipped,
)
from tools.deploy.kubernetes_objects import condition
from tools.recording import Recording

_BUFFERS = "capacitybuffers.autoscaling.x-k8s.io"
_BUFFER_CONDITIONS = ("ReadyForProvisioning", "Provisioning")


def autoscalers(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for the HorizontalPodAutoscaler of each app, also if KEDA created it."""
    live = {
        (each["metadata"]["namespace"], each["spec"]["scaleTargetRef"]["name"]): each
        for each in readings.objects("horizontalpodautoscalers")
    }
    for name in recording.settings.replicated:
        subject, found = f"app {name}", live.get((name, name))
        describe = f"kubectl -n {name} describe hpa"
        if found is None:
            yield not_ok(subject, "has no autoscaler", f"run make up STACK={recording.stack}")
        elif not is_true(found, "ScalingActive"):
            active = condition(found, "ScalingActive")
            reason = active.get("message") or active.get("reason") if active else "no status yet"
            yield not_ok(subject, f"does not scale: {reason}", describe)
        else:
            status, spec = found["status"], found["spec"]
            yield ok(
                subject,
                f"{status.get('currentReplicas', 0)} replicas of {spec.get('minReplicas', 1)} to "
                f"{spec['maxReplicas']}; {_metrics(found)}",
            )


def disruption_budgets(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for all disruption budgets, and one for each that allows no eviction.

    https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/
    """
    live = readings.objects("poddisruptionbudgets")
    blocked = [each for each in live if not each.get("status", {}).get("disruptionsAllowed")]
    for each in blocked:
        status, namespace = each.get("status", {}), each["metadata"]["namespace"]
        yield not_ok(
            name_of(each),
            f"allows no eviction: {status.get('currentHealthy', 0)} pods healthy, "
            f"{status.get('desiredHealthy', 0)} needed",
            f"nodes with its pods cannot be drained until more pods are ready: kubectl -n "
            f"{namespace} describe pdb {each['metadata']['name']}",
        )
    names = {name_of(each) for each in live}
    for each in recording.of_type("kubernetes:policy/v1:PodDisruptionBudget"):
        if name_of(inputs_of(each)) not in names:
            name = name_of(inputs_of(each))
            yield not_ok(name, "does not exist", f"run make up STACK={recording.stack}")
    if not blocked:
        yield ok("disruption budgets", f"{count(len(live), 'budget')}, each allows evictions")


def headroom(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for each app, and the system, for which the zones reserve capacity."""
    settings = recording.settings
    pods = {name: number for name, number in headroom_of(settings).pods.items() if number}
    if not pods:
        yield skipped("headroom", "the stack file reserves none")
        return
    buffers = settings.headroom.mode == "capacityBuffer"
    kind = _BUFFERS if buffers else "deployments"
    missing_pods: dict[str, dict[str, str]] = {name: {} for name in pods}
    for each in readings.objects(kind):
        labels = each["metadata"].get("labels", {})
        if labels.get(HEADROOM_FOR) in missing_pods:
            missing = _buffer_missing(each) if buffers else _pause_pods_missing(each)
            missing_pods[labels[HEADROOM_FOR]][labels[HEADROOM_IN]] = missing
    for name, by_zone in missing_pods.items():
        problems = {
            zone: by_zone.get(zone, "does not exist")
            for zone in settings.network.zones_in
            if by_zone.get(zone, "does not exist")
        }
        if problems:
            yield not_ok(
                f"headroom of {name}",
                "; ".join(f"{zone}: {problem}" for zone, problem in problems.items()),
                f"new nodes take up to {settings.autoscaling.node_provision_minutes} minutes; then "
                f"kubectl -n headroom describe {kind.partition('.')[0]} "
                "(docs/alarms.md#headroom-is-used-up)",
            )
        else:
            zones = count(len(settings.network.zones_in), "zone")
            yield ok(f"headroom of {name}", f"{count(pods[name], 'pod')} in each of {zones}")


def _metrics(scaler: Object) -> str:
    """Returns the current and the target value of each metric, such as cpu 12% of 60%."""
    targets = {_metric_name(each): each for each in scaler["spec"].get("metrics") or ()}
    lines: list[str] = []
    for each in scaler["status"].get("currentMetrics") or ():
        name = _metric_name(each)
        if name in targets:
            target = cast("Mapping[str, Any]", targets[name][_field(each)])["target"]
            lines.append(f"{name} {_value(each[_field(each)]['current'])} of {_value(target)}")
    return ", ".join(lines) or "no current metrics"


def _field(metric: Object) -> str:
    """Returns the field of a metric's source: its type with a lower-case first letter."""
    return metric["type"][0].lower() + metric["type"][1:]


def _metric_name(metric: Object) -> str:
    source = metric[_field(metric)]
    return str(source["metric"]["name"] if "metric" in source else source["name"])


def _value(value: Object) -> str:
    if "averageUtilization" in value:
        return f"{value['averageUtilization']}%"
    return str(value.get("averageValue") or value.get("value"))


def _pause_pods_missing(deployment: Object) -> str:
    """Returns how many pause pods are missing; empty if none is."""
    replicas = deployment["spec"].get("replicas", 1)
    ready = deployment.get("status", {}).get("readyReplicas", 0)
    return f"{ready} of {count(replicas, 'pause pod')} ready" if ready < replicas else ""


def _buffer_missing(buffer: Object) -> str:
    """Returns the first condition of a CapacityBuffer that is not true; empty if all are."""
    for type_ in _BUFFER_CONDITIONS:
        found = condition(buffer, type_)
        if found is None or found["status"] != "True":
            reason = (found.get("message") or found.get("reason")) if found else "no such condition"
            return f"not {type_} ({reason})"
    return ""
