"""Checks of pods: apps at their minimum replicas, readiness gates, and system pods.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions
https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/pod_readiness_gate
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from core.facts.system_deployments import system_deployments
from core.labels import HEADROOM_FOR, NAME, ZONE
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
    spread,
)
from tools.deploy.kubernetes_objects import condition
from tools.recording import Recording

GATE = "target-health.elbv2.k8s.aws/"
"""Prefix of the readiness gates of the load balancer controller, before the name of a
TargetGroupBinding.
https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/targetgroupbinding/utils.go"""
_BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"


def app_pods(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for each app, and one for each of its pods that is not ready."""
    network = recording.settings.network
    pods, zones = readings.objects("pods"), zone_of_nodes(readings)
    gates = {inputs_of(each)["metadata"]["namespace"] for each in recording.of_type(_BINDING)}
    for name, app in recording.settings.deployments.items():
        minimum = app.minimum_replicas(network.effective_zones)
        own = pods_of_app(pods, name)
        ready = [each for each in own if is_true(each, "Ready")]
        by_zone = Counter(zones.get(each["spec"].get("nodeName", ""), "no node") for each in ready)
        figures = f"{len(ready)} ready, minimum {minimum}; {spread(by_zone, network.zones_in)}"
        empty = [zone for zone in network.zones_in if not by_zone[zone]]
        if len(ready) < minimum:
            yield not_ok(
                f"app {name}",
                figures,
                f"see the pods below and kubectl -n {name} describe deployment {name} "
                "(docs/runbooks/autoscaler.md#pods-are-pending)",
            )
        elif empty and minimum >= len(network.zones_in):
            yield not_ok(
                f"app {name}",
                figures,
                f"find out why no pod runs in {', '.join(empty)}: kubectl get nodes -L {ZONE}",
            )
        else:
            yield ok(f"app {name}", figures)
        yield from (_pod_result(each) for each in own if each not in ready)
        if name in gates and own:
            yield _gates(name, own)


def system_pods(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for system workloads, and one for each of their pods that is not ready."""
    settings = recording.settings
    workloads = [
        each
        for kind in ("deployments", "daemonsets")
        for each in readings.objects(kind)
        if _of_system(recording, each)
    ]
    missing = [each for each in workloads if _missing(each)]
    for each in missing:
        failure = condition(each, "ReplicaFailure")
        reason = f": {failure['message']}" if failure else ""
        yield not_ok(
            name_of(each),
            f"{_missing(each)} of its pods not ready{reason}",
            f"kubectl -n {each['metadata']['namespace']} get events --sort-by=.lastTimestamp",
        )
    names = {(each["metadata"]["namespace"], each["metadata"]["name"]) for each in workloads}
    expected = system_deployments(
        descheduler=settings.autoscaling.descheduler, keda=settings.uses_keda
    )
    absent = ["/".join(each) for each in expected if each not in names]
    for each in absent:
        yield not_ok(each, "this Deployment does not exist", f"run make up STACK={recording.stack}")
    if not missing and not absent:
        yield ok("Deployments and DaemonSets", f"{len(workloads)} ready")
    for pod in readings.objects("pods"):
        if _of_system(recording, pod) and is_running(pod) and not is_true(pod, "Ready"):
            yield _pod_result(pod)


def pods_of_app(pods: Sequence[Object], name: str) -> list[Object]:
    """Returns the running pods of an app."""
    return [
        each
        for each in pods
        if each["metadata"]["namespace"] == name
        and each["metadata"].get("labels", {}).get(NAME) == name
        and is_running(each)
    ]


def is_running(pod: Object) -> bool:
    """True if a pod has not ended and is not terminating; its containers may not have started."""
    ended = pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    return not ended and "deletionTimestamp" not in pod["metadata"]


def zone_of_nodes(readings: Readings) -> Mapping[str, str]:
    """Returns the zone of each node by name."""
    return {
        each["metadata"]["name"]: each["metadata"].get("labels", {}).get(ZONE, "")
        for each in readings.objects("nodes")
    }


def _gates(name: str, pods: Sequence[Object]) -> Result:
    """Returns the result of the readiness gates of an exposed app's pods."""
    subject = f"gates of {name}"
    without = [
        each
        for each in pods
        if not any(
            gate["conditionType"].startswith(GATE)
            for gate in each["spec"].get("readinessGates") or ()
        )
    ]
    if without:
        return not_ok(
            subject,
            f"{count(len(without), 'pod')} without a readiness gate of the load balancer, such as "
            f"{without[0]['metadata']['name']}",
            "the webhook of the load balancer controller did not answer; delete these pods one by "
            "one, and their successors get the gate",
        )
    types = {gate["conditionType"] for each in pods for gate in each["spec"]["readinessGates"]}
    closed = [each for each in pods if any(not is_true(each, type_) for type_ in types)]
    if closed:
        found = [condition(closed[0], type_) for type_ in types]
        reasons = [str(each.get("reason") or each["status"]) for each in found if each]
        return not_ok(
            subject,
            f"{len(pods) - len(closed)} of {len(pods)} true; {closed[0]['metadata']['name']}: "
            f"{', '.join(reasons) or 'not set'}",
            "see the targets below, and kubectl -n aws-load-balancer-controller logs deployment/"
            "aws-load-balancer-controller",
        )
    return ok(subject, f"{count(len(pods), 'readiness gate')} true")


def _of_system(recording: Recording, described: Object) -> bool:
    """True if an object belongs neither to a workload nor to the headroom."""
    metadata = described["metadata"]
    in_workload = metadata["namespace"] in recording.settings.workloads
    return not in_workload and HEADROOM_FOR not in metadata.get("labels", {})


def _missing(workload: Object) -> int:
    """Returns the number of pods of a Deployment or DaemonSet that are not ready."""
    status = workload.get("status", {})
    if workload["kind"] == "DaemonSet":
        return status.get("desiredNumberScheduled", 0) - status.get("numberReady", 0)
    return workload["spec"].get("replicas", 1) - status.get("readyReplicas", 0)


def _pod_result(pod: Object) -> Result:
    """Returns the result of a pod that is not ready, with the reason."""
    metadata = pod["metadata"]
    previous = "" if not _restarts(pod) else " --previous"
    return not_ok(
        f"pod {metadata['name']}",
        f"{pod.get('status', {}).get('phase', 'Unknown')}: {_reason(pod)}",
        f"kubectl -n {metadata['namespace']} describe pod {metadata['name']}; "
        f"kubectl -n {metadata['namespace']} logs {metadata['name']} --all-containers{previous}",
    )


def _restarts(pod: Object) -> int:
    statuses = pod.get("status", {}).get("containerStatuses") or ()
    return sum(each.get("restartCount", 0) for each in statuses)


def _reason(pod: Object) -> str:
    """Returns why a pod is not ready: its scheduling, a container, or a false condition."""
    scheduled = condition(pod, "PodScheduled")
    if scheduled and scheduled["status"] != "True":
        return str(scheduled.get("message") or scheduled.get("reason") or "not scheduled")
    status = pod.get("status", {})
    for key in ("initContainerStatuses", "containerStatuses"):
        for each in status.get(key) or ():
            waiting = each["state"].get("waiting")
            if waiting:
                restarts = each.get("restartCount", 0)
                again = f", {count(restarts, 'restart')}" if restarts else ""
                return f"{each['name']} {waiting.get('reason', 'waits')}{again}"
    for type_ in ("ContainersReady", "Ready"):
        found = condition(pod, type_)
        if found and found["status"] != "True":
            return str(found.get("message") or found.get("reason") or f"{type_} is false")
    return "no condition Ready"
