"""Requests of containers, with the defaults that Kubernetes adds."""

from tools.manifests.fields import Fields
from tools.rules.model import Workload
from tools.rules.objects import Objects


def without_request(objects: Objects, workload: Workload, resource: str) -> list[str]:
    """Returns the names of containers without a request for a resource.

    A limit is the request of a container that has none. A LimitRange sets the request of all
    containers of its namespace. Requests of the pod cover its containers.
    https://kubernetes.io/docs/concepts/policy/limit-range/
    """
    if _has(workload.pod.section("resources"), resource) or _defaulted(objects, workload, resource):
        return []
    return [
        container.text("name") or ""
        for container in workload.containers
        if not _has(container.section("resources"), resource)
    ]


def _has(resources: Fields, resource: str) -> bool:
    return any(resource in resources.section(key) for key in ("requests", "limits"))


def _defaulted(objects: Objects, workload: Workload, resource: str) -> bool:
    return any(
        resource in limit.section(key)
        for each in objects.beside(workload.object, "LimitRange")
        for limit in each.spec.sections("limits")
        if limit.text("type") == "Container"
        for key in ("defaultRequest", "default")
    )
