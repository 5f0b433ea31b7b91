"""HA5: rules about CPU, memory and disk of pods."""

from collections.abc import Iterator

from tools.rules.objects import Objects
from tools.rules.requests import without_request
from tools.rules.rule import Evidence, Rule


def _no_requests(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        missing = {
            resource: without_request(objects, workload, resource) for resource in ("cpu", "memory")
        }
        if workload.long_running and any(missing.values()):
            gaps = [
                f"{resource} of {', '.join(containers)}"
                for resource, containers in missing.items()
                if containers
            ]
            first = next(
                each
                for each in workload.containers
                if any(each.text("name") in containers for containers in missing.values())
            )
            yield Evidence(
                resource=workload.subject,
                field=f"{workload.path_of(first)}.resources",
                text=f"no request for {' and '.join(gaps)}, so that the scheduler puts any number "
                "of pods on a node, and no node is added and no capacity reserved for them; "
                "write resources.requests",
            )


NO_REQUESTS = Rule(
    id="HA501",
    claim="Containers have requests for CPU and memory.",
    why="The scheduler, the Cluster Autoscaler and headroom calculate with requests. After a zone "
    "failure, pods without requests overload the remaining nodes and are evicted first.",
    not_flagged=(
        "containers with a limit: the request is then the limit",
        "a namespace with a LimitRange that sets the request",
        "resources of the whole pod (spec.resources)",
        "Jobs, cron jobs and init containers",
    ),
    severity="error",
    setting="apps.NAME.requests",
    find=_no_requests,
)


def _no_storage_limit(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        if not workload.long_running or not without_request(objects, workload, "ephemeral-storage"):
            continue
        unlimited = [
            each.text("name") or ""
            for each in workload.pod.sections("volumes")
            if "emptyDir" in each.values
            and each.section("emptyDir").text("medium") != "Memory"
            and "sizeLimit" not in each.section("emptyDir")
        ]
        if unlimited:
            yield Evidence(
                resource=workload.subject,
                field=f"{workload.pod_path}.volumes",
                text=f"{', '.join(unlimited)} can fill the disk of the node, and the kubelet then "
                "evicts pods, also those of other workloads; write emptyDir.sizeLimit, or "
                "requests and limits for ephemeral-storage",
            )


NO_STORAGE_LIMIT = Rule(
    id="HA502",
    claim="An emptyDir on disk has a size limit, or its pod a request for ephemeral storage.",
    why="A full disk affects the whole node: the kubelet evicts pods until the disk has space, "
    "and the node accepts no new pods until then.",
    not_flagged=(
        "emptyDir in memory: it counts as memory of the pod",
        "containers that all have requests or limits for ephemeral-storage",
        "pods without an emptyDir: their logs are rotated",
    ),
    severity="warning",
    setting="apps.NAME.requests.ephemeralStorage",
    find=_no_storage_limit,
)

RULES = (NO_REQUESTS, NO_STORAGE_LIMIT)
