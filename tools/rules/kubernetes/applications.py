"""HA1: rules about workloads."""

from collections.abc import Iterator

from tools.rules.model import Object, Workload
from tools.rules.objects import Objects, named
from tools.rules.rule import Evidence, Rule

_MOVING_TAGS = {"latest", "stable", "main", "master", "edge", "nightly", "canary"}
"""Tags that registries move to newer images by convention."""


def _single_replica(objects: Objects) -> Iterator[Evidence]:
    with_one_pod = {each for each in objects.of_kind("Service") if _pods_behind(objects, each) == 1}
    for workload in objects.replicated:
        single = [each for each in objects.services_of(workload) if each in with_one_pod]
        if not single or workload.recreated or _single_by_design(objects, workload):
            continue
        if objects.minimum(workload) == 1:
            autoscalers = objects.autoscalers_of(workload)
            lowest = next((each for each in autoscalers if each.minimum == 1), None)
            yield Evidence(
                resource=lowest.object.subject if lowest else workload.subject,
                field=lowest.minimum_field if lowest else "spec.replicas",
                text=f"{workload.subject} can have 1 pod behind {named(single)}, and requests "
                "fail while this pod is replaced; write 2 or more",
            )


def _pods_behind(objects: Objects, service: Object) -> int:
    """Returns the minimum number of pods that a Service selects. A DaemonSet has several."""
    selected = objects.selected(service)
    return sum(objects.minimum(each) if each.replicated else 2 for each in selected)


def _single_by_design(objects: Objects, workload: Workload) -> bool:
    """True if a second pod could not use the volume of the first one."""
    templates = workload.object.spec.sections("volumeClaimTemplates")
    return bool(templates or objects.single_node_claims(workload))


SINGLE_REPLICA = Rule(
    id="HA101",
    claim="A workload behind a Service has two or more pods.",
    why="With one pod, requests fail during each drain and each failure of its node or zone, until "
    "a new pod is ready.",
    not_flagged=(
        "strategy Recreate, which says that two pods must not run at the same time",
        "a volume that one node at a time can mount: a second pod needs replication in the program",
        "several workloads behind one Service that have two pods together, such as a canary",
        "zero replicas, and a ScaledObject that scales to zero",
        "workloads behind no Service, or behind a Service for metrics only",
    ),
    severity="error",
    setting="apps.NAME.replicas",
    find=_single_replica,
)


def _mutable_tag(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        if not workload.long_running:
            continue
        for container in workload.containers:
            image = container.text("image") or ""
            tag = image.rpartition("/")[2].partition(":")[2]
            if image and "@" not in image and (not tag or tag in _MOVING_TAGS):
                problem = f"has the moving tag {tag}" if tag else "has no tag, which means latest"
                yield Evidence(
                    resource=workload.subject,
                    field=f"{workload.path_of(container)}.image",
                    text=f"{image} {problem}, so that pods on new nodes can run another release "
                    "than the others; write the tag of a release, or a digest",
                )


MUTABLE_TAG = Rule(
    id="HA102",
    claim="Images have a tag that does not move, or a digest.",
    why="A node or zone failure starts pods on other nodes. With a tag that moves, the failure "
    "also rolls out another release, which was not tested beside the old one.",
    not_flagged=(
        "other tags: a registry can move them too, but release tags do not move by convention",
        "Jobs, cron jobs and pods that run once",
    ),
    severity="warning",
    setting="apps.NAME.image",
    find=_mutable_tag,
)


RULES = (SINGLE_REPLICA, MUTABLE_TAG)
