"""HA4: rules about HorizontalPodAutoscalers and ScaledObjects."""

from collections.abc import Iterator

from tools.manifests.fields import Fields
from tools.rules.model import Autoscaler, Workload
from tools.rules.objects import Objects
from tools.rules.requests import without_request
from tools.rules.rule import Evidence, Rule

_RESOURCES = ("cpu", "memory")


def _targets(objects: Objects) -> Iterator[tuple[Autoscaler, Workload]]:
    for workload in objects.workloads:
        for autoscaler in objects.autoscalers_of(workload):
            yield autoscaler, workload


def _metric_without_request(objects: Objects) -> Iterator[Evidence]:
    for autoscaler, workload in _targets(objects):
        for resource, container in _utilizations(autoscaler):
            missing = [
                name
                for name in without_request(objects, workload, resource)
                if container in (None, name)
            ]
            if missing:
                yield Evidence(
                    resource=autoscaler.object.subject,
                    field="spec.triggers" if _by_keda(autoscaler) else "spec.metrics",
                    text=f"scales on the utilization of {resource}, a percentage of the request, "
                    f"but {', '.join(missing)} in {workload.subject} requests none, so that the "
                    f"number of pods never changes; write requests.{resource}",
                )


def _by_keda(autoscaler: Autoscaler) -> bool:
    return autoscaler.object.kind == "ScaledObject"


def _utilizations(autoscaler: Autoscaler) -> Iterator[tuple[str, str | None]]:
    """Yields the resource of each metric that is a percentage of requests, and the container; None
    stands for all containers."""
    spec = autoscaler.object.spec
    if _by_keda(autoscaler):
        for trigger in spec.sections("triggers"):
            metadata = trigger.section("metadata")
            kind = trigger.text("metricType") or metadata.text("type") or "Utilization"
            resource = trigger.text("type") or ""
            if resource in _RESOURCES and kind == "Utilization":
                yield resource, metadata.text("containerName")
        return
    if not spec.sections("metrics"):  # the default is a target for the utilization of CPU
        yield "cpu", None
    for metric in spec.sections("metrics"):
        for source in (metric.section("resource"), metric.section("containerResource")):
            if _is_utilization(source):
                yield source.text("name") or "", source.text("container")


def _is_utilization(source: Fields) -> bool:
    target = source.section("target")
    return "averageUtilization" in target or "targetAverageUtilization" in source


METRIC_WITHOUT_REQUEST = Rule(
    id="HA401",
    claim="Pods that scale on the utilization of CPU or memory have requests for it.",
    why="Utilization is a percentage of the request. If a container has no request, the autoscaler "
    "reports FailedGetResourceMetric and never changes the number of pods.",
    not_flagged=(
        "targets of type AverageValue, and metrics other than cpu and memory",
        "containers with a limit: the request is then the limit",
        "a namespace with a LimitRange that sets the request",
        "a metric of one container that has the request",
    ),
    severity="error",
    setting="apps.NAME.requests",
    find=_metric_without_request,
)


def _fixed_size(objects: Objects) -> Iterator[Evidence]:
    for autoscaler, workload in _targets(objects):
        if autoscaler.minimum == autoscaler.maximum:
            yield Evidence(
                resource=autoscaler.object.subject,
                field=autoscaler.maximum_field,
                text=f"is the same as the minimum, {autoscaler.minimum}, so that {workload.subject}"
                " never scales up; write a higher maximum, or remove the autoscaler",
            )


FIXED_SIZE = Rule(
    id="HA402",
    claim="The maximum of an autoscaler is above its minimum.",
    why="An autoscaler with one allowed size cannot respond to load, although the manifests "
    "suggest it. A fixed number of pods can be intended.",
    not_flagged=("workloads without an autoscaler",),
    severity="caution",
    setting="apps.NAME.replicas.max",
    find=_fixed_size,
)


def _dangling_target(objects: Objects) -> Iterator[Evidence]:
    for autoscaler in objects.autoscalers:
        object_, kind, name = autoscaler.object, autoscaler.target_kind, autoscaler.target
        exists = objects.workloads_beside(object_, kind, name)
        if not exists and objects.workloads_beside(object_, kind):
            yield Evidence(
                resource=object_.subject,
                field="spec.scaleTargetRef.name",
                text=f"no {kind} of the namespace has the name {name}, so that nothing is scaled; "
                "write the name of one",
            )


DANGLING_TARGET = Rule(
    id="HA403",
    claim="The target of an autoscaler exists.",
    why="An autoscaler without a target scales nothing, and the workload stays at its number of "
    "replicas under any load.",
    not_flagged=("targets of a kind of which the files have no object in the namespace",),
    severity="error",
    setting="The program writes autoscalers and Deployments together.",
    find=_dangling_target,
)


def _two_autoscalers(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        autoscalers = objects.autoscalers_of(workload)
        for other in autoscalers[1:]:
            yield Evidence(
                resource=other.object.subject,
                field="spec.scaleTargetRef",
                text=f"{autoscalers[0].object.subject} scales {workload.subject} too, and the two "
                "undo each other's changes; write all metrics into one of them",
            )


TWO_AUTOSCALERS = Rule(
    id="HA404",
    claim="One autoscaler scales a workload.",
    why="Two autoscalers set the number of pods in turn, each to its own figure, so that pods are "
    "created and deleted all the time.",
    not_flagged=("several metrics or triggers in one autoscaler",),
    severity="error",
    setting="The program creates one autoscaler for a workload.",
    find=_two_autoscalers,
)


def _replicas_beside_autoscaler(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.replicated:
        autoscalers = objects.autoscalers_of(workload)
        fixed = "replicas" in workload.object.spec and not workload.object.live
        if autoscalers and fixed and workload.replicas:
            yield Evidence(
                resource=workload.subject,
                field="spec.replicas",
                text=f"each apply sets {workload.replicas} pods, even if "
                f"{autoscalers[0].object.subject} has scaled to more; remove replicas",
            )


REPLICAS_BESIDE_AUTOSCALER = Rule(
    id="HA405",
    claim="A workload with an autoscaler has no fixed number of replicas.",
    why="Each apply of the manifest deletes the pods above the fixed number, at any load. "
    "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"
    "#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
    not_flagged=(
        "replicas that a recording sends at creation only (ignoreChanges)",
        "objects that were read from a cluster, where the autoscaler sets the replicas",
        "zero replicas, which stop the workload and disable the autoscaler",
    ),
    severity="warning",
    setting="The program sends replicas only when it creates a Deployment.",
    find=_replicas_beside_autoscaler,
)

RULES = (
    METRIC_WITHOUT_REQUEST, FIXED_SIZE, DANGLING_TARGET, TWO_AUTOSCALERS,
    REPLICAS_BESIDE_AUTOSCALER,
)  # fmt: skip
