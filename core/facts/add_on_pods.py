"""Deployments of EKS add-ons: the requests of their pods, and their protection against failures.

Every Deployment of the system has two or more replicas in different zones, a disruption budget,
the priority class system-cluster-critical, and no webhook that can block requests. The program
configures charts accordingly. The manifests of add-ons belong to EKS. For each add-on, this file
states the rules that the default manifest follows, with the source; the rules that the
configuration adds, with the key; and the rules that the add-on does not follow, with the reason
(read November 2026).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from core.availability.resources import Resources

Rule = Literal["replicas", "zones", "budget", "priority", "webhooks"]
"""`replicas`: two or more. `zones`: spread over zones. `budget`: evicted one by one. `priority`:
system-cluster-critical. `webhooks`: none that fails closed, and none for kube-system."""

_MAX_REPLICAS = 1000
"""Largest number of replicas in a configuration that is used; a larger number is ignored."""


@dataclass(frozen=True, kw_only=True)
class AddOnPods:
    """A Deployment of an EKS add-on."""

    name: str
    """Name of the Deployment."""
    requests: Resources
    """Requests of a pod."""
    replicas: int = 2
    """Number of replicas without a configuration. Default: 2."""
    replicas_key: str | None = None
    """Path of the configuration key for the number of replicas; None if no key is known."""
    by_default: Mapping[Rule, str]
    """Rules that the default manifest follows, each with the source."""
    by_configuration: Mapping[Rule, str] = field(default_factory=dict[Rule, str])
    """Rules that the configuration of this program adds, each with the first key in it."""
    missing: Mapping[Rule, str] = field(default_factory=dict[Rule, str])
    """Rules that the add-on does not follow, each with the reason why no configuration helps."""

    def configured_replicas(self, configuration: Mapping[str, object]) -> int:
        """Returns the replicas with a configuration; the minimum if the add-on autoscales."""
        value = _at(configuration, self.replicas_key.split(".") if self.replicas_key else [])
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MAX_REPLICAS:
            return value
        return self.replicas


def _at(value: object, path: Sequence[str]) -> object:
    """Returns the value at a path of keys; None if a key does not exist."""
    for key in path:
        value = cast("Mapping[str, object]", value).get(key) if isinstance(value, Mapping) else None
    return value


_COREDNS = (
    "https://github.com/eksctl-io/eksctl/blob/main/pkg/addons/default/assets/coredns-1.36.json"
)
_METRICS_SERVER = "observed on a cluster, v0.8.0-eksbuild.3; the manifest is not public"
_EBS = (
    "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/tree/v1.64.0/charts/aws-ebs-csi-driver"
)

_EFS = "https://github.com/kubernetes-sigs/aws-efs-csi-driver/tree/v3.4.1/charts/aws-efs-csi-driver"

ADD_ON_PODS: Mapping[str, Sequence[AddOnPods]] = {
    "coredns": [
        AddOnPods(
            name="coredns",
            requests=Resources(cpu=100, memory=70),  # source: _COREDNS
            replicas_key="autoScaling.minReplicas",
            by_default={"priority": _COREDNS, "webhooks": _COREDNS},
            by_configuration={
                "replicas": "autoScaling",
                "zones": "topologySpreadConstraints",
                "budget": "podDisruptionBudget",
            },
        )
    ],
    # With otelContainerInsights, the chart creates two more Deployments of one replica each.
    # https://github.com/aws-observability/helm-charts/tree/main/charts/amazon-cloudwatch-observability
    "amazon-cloudwatch-observability": [
        AddOnPods(
            name="cloudwatch-operator",
            requests=Resources(cpu=100, memory=64),
            replicas=1,
            by_default={},
            missing={
                "replicas": "the add-on has no known key; running agents do not need the operator",
                "zones": "the operator has one pod",
                "budget": "a budget for a single pod would block every drain of its node",
                "priority": "the chart sets no priority class and has no value for one",
                "webhooks": "the webhooks cover pods, workloads and namespaces of all namespaces, "
                "and fail open; the add-on has no known key that excludes kube-system",
            },
        )
    ],
    "metrics-server": [
        AddOnPods(
            name="metrics-server",
            # https://github.com/kubernetes-sigs/metrics-server/blob/v0.9.0/manifests/base/deployment.yaml
            requests=Resources(cpu=100, memory=200),
            replicas_key="replicas",
            by_default={
                "replicas": _METRICS_SERVER,
                "zones": _METRICS_SERVER,
                "priority": _METRICS_SERVER,
                "webhooks": "https://github.com/kubernetes-sigs/metrics-server/tree/v0.9.0/manifests/base",
            },
            missing={
                "budget": "it is not known whether the add-on creates a budget; the add-on has no "
                "known key for one, and with two budgets no pod could be evicted",
            },
        )
    ],
    "aws-ebs-csi-driver": [
        AddOnPods(
            name="ebs-csi-controller",
            # https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.64.0/deploy/kubernetes/base/controller.yaml
            requests=Resources(cpu=60, memory=240),
            by_default={"replicas": _EBS, "budget": _EBS, "priority": _EBS, "webhooks": _EBS},
            missing={
                "zones": "the default manifest spreads the pods over two nodes in any zones; the "
                "chart has topologySpreadConstraints, but no schema of the add-on with that key "
                "is known",
            },
        )
    ],
    "aws-efs-csi-driver": [
        AddOnPods(
            name="efs-csi-controller",
            # Three containers with the requests of the configuration:
            # https://github.com/aws/containers-roadmap/issues/2758
            requests=Resources(cpu=60, memory=192),
            by_default={"replicas": _EFS, "priority": _EFS, "webhooks": _EFS},
            missing={
                "zones": "no schema of the add-on with a key for the spread is known; no pod "
                "depends on the controller, because shared volumes are not provisioned by it",
                "budget": "no schema of the add-on with a key for a budget is known; no pod "
                "depends on the controller",
            },
        )
    ],
    # These add-ons have only DaemonSets.
    "aws-secrets-store-csi-driver-provider": [],
    "eks-node-monitoring-agent": [],
    "eks-pod-identity-agent": [],
    "kube-proxy": [],
    "vpc-cni": [],
}
"""Deployments of each EKS add-on, by name of the add-on."""
