"""Requests of a pod with several containers.

https://kubernetes.io/docs/concepts/resource-management/effective-pod-requests-limits/
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.availability.resources import Resources


@dataclass(frozen=True, kw_only=True)
class InitContainerRequests:
    """Requests of an init container or a sidecar."""

    requests: Resources
    """Requests of the container."""
    sidecar: bool
    """True: the container runs until the pod terminates. False: it ends before the next one
    starts."""


def pod_requests(
    containers: Iterable[Resources], init_containers: Iterable[InitContainerRequests]
) -> Resources:
    """Returns the amounts that the scheduler reserves for a pod: of each resource, the larger of
    all containers with all sidecars, and any init container with the sidecars that start before it.

    `init_containers` are in the order of their start.
    """
    sidecars = Resources(cpu=0, memory=0, pods=0)
    phases: list[Resources] = []
    for each in init_containers:
        if each.sidecar:
            sidecars += each.requests
        else:
            phases.append(sidecars + each.requests)
    phases.append(sum(containers, start=sidecars))
    return Resources(
        cpu=max(each.cpu for each in phases),
        memory=max(each.memory for each in phases),
        storage=max(each.storage for each in phases),
        accelerators=max(each.accelerators for each in phases),
    )
