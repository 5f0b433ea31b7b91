"""The Cluster Autoscaler: the values of its chart, and what it may do."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.helm_controller import highly_available, resources
from components.images import Pulled
from components.labels import POOL
from core.availability.replicas import max_unready_percentage
from core.facts.system_pods import CONTROLLERS
from core.facts.versions import CLUSTER_AUTOSCALER, minor_of
from core.iam import Document, allow, policy

_QUOTAS = {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["list", "watch"]}
"""A right that CapacityBuffers need, without which it waits for ever, and the chart has not."""

_DRY_RUN_SINCE = 36
"""Minor since which it creates a pod of each CapacityBuffer, as a dry run."""

_LONGEST_GRACE = 600
"""Its own --max-graceful-termination-sec."""


def values(
    *,
    cluster_name: pulumi.Input[str],
    region: str,
    image_tag: str,
    zones: int,
    provision_minutes: int,
    longest_grace_seconds: int,
    buffers: bool,
    spot_groups: Sequence[str] | None,
    pulled: Pulled,
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Values of its chart, for a cluster with nodes in so many zones, with CapacityBuffers or not.

    `spot_groups` are patterns of names of Auto Scaling groups that get a node before all others,
    as long as they have some; None: no group goes before another.
    Keys: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/values.yaml
    Flags under extraArgs: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/config/flags/flags.go
    """
    own = CLUSTER_AUTOSCALER.name
    return {
        **highly_available(f"aws-{own}", own),
        "cloudProvider": "aws",
        "awsRegion": region,
        "autoDiscovery": {"clusterName": cluster_name},
        "image": {"repository": pulled(CLUSTER_AUTOSCALER.image), "tag": image_tag},
        "rbac": {
            "serviceAccount": {"create": True, "name": own},
            **({"additionalRules": [_QUOTAS]} if buffers else {}),
        },
        "resources": resources(CONTROLLERS[own]),
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
            # A pool's groups are alike, whatever EKS labels their nodes with.
            "balancing-label": POOL,
            "expander": "least-waste" if spot_groups is None else "priority,least-waste",
            "emit-per-nodegroup-metrics": True,
            "max-total-unready-percentage": max_unready_percentage(zones),
            "max-node-provision-time": f"{provision_minutes}m",
            "max-graceful-termination-sec": max(_LONGEST_GRACE, longest_grace_seconds),
            "skip-nodes-with-local-storage": False,
            **(_buffer_flags(image_tag) if buffers else {}),
        },
        **({} if spot_groups is None else {"expanderPriorities": _priorities(spot_groups)}),
    }


def _buffer_flags(image_tag: str) -> Mapping[str, bool]:
    """No dry run: it takes the right to create any pod anywhere, and brings what our templates
    say already."""
    on = {
        "capacity-buffer-controller-enabled": True,
        "capacity-buffer-pod-injection-enabled": True,
    }
    if minor_of(image_tag) < _DRY_RUN_SINCE:  # it would not know the flag, and exit
        return on
    return {**on, "capacity-buffer-pod-dry-run-enabled": False}


def _priorities(first: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Patterns of groups by priority, the higher first; a group that has none gets no node.

    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/expander/priority/readme.md
    """
    return {"10": [".*"], "20": first}


def policy_for(cluster: str, region: str) -> Document:
    """What it may do: read, and resize the groups of its own cluster.

    Actions: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/README.md
    EKS tags the groups of managed node groups for its discovery:
    https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
    """
    tagged = f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}"
    return policy(
        allow(
            [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ]
        ),
        allow(
            ["eks:DescribeNodegroup"],
            f"arn:aws:eks:{region}:*:nodegroup/{cluster}/*",
        ),
        allow(
            ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            condition={"Null": {tagged: "false"}},
        ),
    )
