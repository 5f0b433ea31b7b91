"""PriorityClasses: the order of preemption when nodes have no free capacity for all pods.

| PriorityClass | value | preempts |
|---|---|---|
| ha-eks-critical | 1000 | apps that are not critical, headroom |
| ha-eks-default | 0, the global default | headroom |
| ha-eks-headroom | -10 | nothing |
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, scheduling

HEADROOM_PRIORITY = -10
"""Priority of the overprovisioner's pods: the lowest one at which the Cluster Autoscaler still adds
a node for a pending pod (--expendable-pods-priority-cutoff).
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/config/flags/flags.go
"""


@dataclass(frozen=True, kw_only=True)
class PriorityClasses:
    """Names of the cell's PriorityClasses."""

    critical: pulumi.Output[str]
    """For critical apps."""
    default: pulumi.Output[str]
    """For all other apps, and for pods without a PriorityClass."""
    headroom: pulumi.Output[str]
    """For the overprovisioner's pods."""


def priority_classes(name: str, opts: pulumi.ResourceOptions) -> PriorityClasses:
    """Creates the PriorityClasses of the cell."""

    def create(role: str, value: int, description: str) -> pulumi.Output[str]:
        return scheduling.v1.PriorityClass(
            f"{name}-{role}",
            metadata=meta.v1.ObjectMetaArgs(name=f"ha-eks-{role}"),
            value=value,
            global_default=value == 0,
            description=description,
            preemption_policy="PreemptLowerPriority" if value >= 0 else "Never",
            opts=opts,
        ).metadata.name

    return PriorityClasses(
        critical=create("critical", 1000, "Critical apps: preempt the pods of other apps."),
        default=create("default", 0, "Apps: preempt headroom only."),
        headroom=create("headroom", HEADROOM_PRIORITY, "Headroom: preempted by every other pod."),
    )
