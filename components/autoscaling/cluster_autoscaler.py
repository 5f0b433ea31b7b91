"""Values of the chart of the Cluster Autoscaler; its IAM policy is in cluster_autoscaler_iam.py."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.helm_controller import container_resources, highly_available_values
from components.images import ImageResolver
from core.availability.replicas import max_unready_percentage
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import CLUSTER_AUTOSCALER
from core.facts.versions.kubernetes import minor_of
from core.labels import POOL

_QUOTA_RULE = {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["list", "watch"]}
"""RBAC rule that CapacityBuffers require and the chart lacks: without it, the Cluster Autoscaler
waits forever."""

_DRY_RUN_MINOR = 36
"""First minor version that creates a pod of each CapacityBuffer as a dry run."""

_DEFAULT_GRACE_SECONDS = 600
"""Default of --max-graceful-termination-sec."""


def values(
    *,
    cluster_name: pulumi.Input[str],
    region: str,
    image_tag: str,
    zones: int,
    provision_minutes: int,
    longest_grace_seconds: int,
    capacity_buffers: bool,
    spot_groups: Sequence[str] | None,
    resolve_image: ImageResolver,
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns the values of the chart.

    `zones` is the number of zones of the cell, including zones that are out. `spot_groups` are
    regular expressions for the names of Auto Scaling groups that are scaled up first, while EC2 has
    spot capacity; None: no priority.
    Keys: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/values.yaml
    Flags under extraArgs: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/config/flags/flags.go
    """
    name = CLUSTER_AUTOSCALER.name
    return {
        **highly_available_values(f"aws-{name}", name),
        "cloudProvider": "aws",
        "awsRegion": region,
        "autoDiscovery": {"clusterName": cluster_name},
        "image": {"repository": resolve_image(CLUSTER_AUTOSCALER.image), "tag": image_tag},
        "rbac": {
            "serviceAccount": {"create": True, "name": name},
            **({"additionalRules": [_QUOTA_RULE]} if capacity_buffers else {}),
        },
        "resources": container_resources(CONTROLLERS[name]),
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "runAsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "extraArgs": {
            "balance-similar-node-groups": True,
            # Compare groups only by pool: EKS adds labels that differ between groups.
            "balancing-label": POOL,
            "expander": "least-waste" if spot_groups is None else "priority,least-waste",
            "emit-per-nodegroup-metrics": True,
            "max-total-unready-percentage": max_unready_percentage(zones),
            "max-node-provision-time": f"{provision_minutes}m",
            "max-graceful-termination-sec": max(_DEFAULT_GRACE_SECONDS, longest_grace_seconds),
            "skip-nodes-with-local-storage": False,
            **(_buffer_flags(image_tag) if capacity_buffers else {}),
        },
        **({} if spot_groups is None else {"expanderPriorities": _priorities(spot_groups)}),
    }


def _buffer_flags(image_tag: str) -> Mapping[str, bool]:
    """Returns the flags for CapacityBuffers, without a dry run.

    The dry run requires the permission to create any pod, and resolves only defaults that the
    templates of the overprovisioner already contain.
    """
    flags = {
        "capacity-buffer-controller-enabled": True,
        "capacity-buffer-pod-injection-enabled": True,
    }
    if minor_of(image_tag) < _DRY_RUN_MINOR:  # older versions exit on an unknown flag
        return flags
    return {**flags, "capacity-buffer-pod-dry-run-enabled": False}


def _priorities(spot_groups: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Returns patterns by priority, highest first; a group without a match is never scaled up.

    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/expander/priority/readme.md
    """
    return {"10": [".*"], "20": spot_groups}
