"""Priorities: who makes whom give way where there is not room for all.

Headroom gives way to everything, and makes nothing give way. Apps are on a par with one another
and with whatever names no priority; only what is critical makes others give way.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta, scheduling

GIVES_WAY = -10
"""Priority of pods that hold room: as low as a pending pod may be for the Cluster Autoscaler to
bring it a node (--expendable-pods-priority-cutoff).

https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/config/flags/flags.go
"""


@dataclass(frozen=True, kw_only=True)
class PriorityClasses:
    """Names of the cell's PriorityClasses."""

    critical: pulumi.Output[str]
    """Of apps that go before the others."""
    default: pulumi.Output[str]
    """Of all other apps, and of pods that name none."""
    headroom: pulumi.Output[str]
    """Of pods that hold room."""


def priority_classes(name: str, opts: pulumi.ResourceOptions) -> PriorityClasses:
    """The cell's PriorityClasses, made."""

    def made(role: str, value: int, description: str) -> pulumi.Output[str]:
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
        critical=made("critical", 1000, "Apps that others give way to."),
        default=made("default", 0, "Apps; only headroom gives way to them."),
        headroom=made("headroom", GIVES_WAY, "Room for the pods of a lost zone: gives way."),
    )
