"""The Deployments that EKS add-ons come with: what they ask of nodes, and how they outlast losses.

A Deployment of the system has two replicas or more, which stand in several zones, are evicted one
by one and go before other pods, and no webhook of it keeps anybody waiting. Charts are given values
that say so. An add-on is EKS's own: what it does by itself stands here with who says so, what it is
told to do with the key, and what cannot be had with the reason (read November 2026).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from core.availability.resources import Resources

Rule = Literal["replicas", "zones", "budget", "priority", "webhooks"]
"""Two or more; spread over zones; evicted one by one; system-cluster-critical; and no webhook that
fails closed, or that is asked about kube-system."""

_MOST = 1000
"""Replicas that a stack file's own configuration is believed."""


@dataclass(frozen=True, kw_only=True)
class AddOnPods:
    """A Deployment of an EKS add-on."""

    name: str
    requests: Resources
    """Requests of a pod."""
    replicas: int = 2
    """Unless the add-on is told otherwise."""
    replicas_key: str | None = None
    """Path of the configuration key that tells it; None: there is none, or none is known."""
    does: Mapping[Rule, str]
    """What it keeps by itself, and who says so."""
    told: Mapping[Rule, str] = field(default_factory=dict[Rule, str])
    """What it keeps since it is told to, and the first key of the configuration that tells it."""
    lacks: Mapping[Rule, str] = field(default_factory=dict[Rule, str])
    """What it does not keep, and why it cannot be made to."""

    def replicas_of(self, configuration: Mapping[str, object]) -> int:
        """Replicas that it has with a configuration, or begins with if it scales by itself."""
        value = _at(configuration, self.replicas_key.split(".") if self.replicas_key else [])
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST:
            return value
        return self.replicas


def _at(value: object, path: Sequence[str]) -> object:
    """What stands at a path of keys; None if nothing does."""
    for key in path:
        value = cast("Mapping[str, object]", value).get(key) if isinstance(value, Mapping) else None
    return value


_COREDNS = (
    "https://github.com/eksctl-io/eksctl/blob/main/pkg/addons/default/assets/coredns-1.36.json"
)
_METRICS_SERVER = "as seen on a cluster, v0.8.0-eksbuild.3; its manifest is not public"
_EBS = (
    "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/tree/v1.64.0/charts/aws-ebs-csi-driver"
)

ADD_ON_PODS: Mapping[str, Sequence[AddOnPods]] = {
    "coredns": [
        AddOnPods(
            name="coredns",
            requests=Resources(cpu=100, memory=70),  # as _COREDNS has it
            replicas_key="autoScaling.minReplicas",
            does={"priority": _COREDNS, "webhooks": _COREDNS},
            told={
                "replicas": "autoScaling",
                "zones": "topologySpreadConstraints",
                "budget": "podDisruptionBudget",
            },
        )
    ],
    # Its chart makes two more Deployments, of one replica each, with otelContainerInsights only.
    # https://github.com/aws-observability/helm-charts/tree/main/charts/amazon-cloudwatch-observability
    "amazon-cloudwatch-observability": [
        AddOnPods(
            name="cloudwatch-operator",
            requests=Resources(cpu=100, memory=64),
            replicas=1,
            does={},
            lacks={
                "replicas": "no key of the add-on is known; agents that run do without it",
                "zones": "it is one pod",
                "budget": "one of a single pod would never let its node be drained",
                "priority": "its chart says none, and has no value for it",
                "webhooks": "they are asked about pods, workloads and namespaces everywhere, and "
                "fail open; no key of the add-on is known that takes kube-system out",
            },
        )
    ],
    "metrics-server": [
        AddOnPods(
            name="metrics-server",
            # https://github.com/kubernetes-sigs/metrics-server/blob/v0.9.0/manifests/base/deployment.yaml
            requests=Resources(cpu=100, memory=200),
            replicas_key="replicas",
            does={
                "replicas": _METRICS_SERVER,
                "zones": _METRICS_SERVER,
                "priority": _METRICS_SERVER,
                "webhooks": "https://github.com/kubernetes-sigs/metrics-server/tree/v0.9.0/manifests/base",
            },
            lacks={
                "budget": "whether the add-on makes one is not known, no key for it is, and with "
                "another one of ours no pod of it could be evicted at all",
            },
        )
    ],
    "aws-ebs-csi-driver": [
        AddOnPods(
            name="ebs-csi-controller",
            # https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.64.0/deploy/kubernetes/base/controller.yaml
            requests=Resources(cpu=60, memory=240),
            does={"replicas": _EBS, "budget": _EBS, "priority": _EBS, "webhooks": _EBS},
            lacks={
                "zones": "by itself it stands on two nodes, whatever their zones; its chart takes "
                "topologySpreadConstraints, and no schema of the add-on with that key was seen",
            },
        )
    ],
    # Daemon sets only.
    "eks-node-monitoring-agent": [],
    "eks-pod-identity-agent": [],
    "kube-proxy": [],
    "vpc-cni": [],
}
"""By the add-on's name."""
