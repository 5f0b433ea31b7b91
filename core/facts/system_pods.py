"""Requests of system pods: DaemonSets on every node, and Deployments with their replicas.

The program sets the requests of pods that charts create. EKS add-ons have the default requests of
their charts and manifests (read November 2026); the Deployments of add-ons are in
`core/facts/add_on_pods.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from core.availability.resources import Resources
from core.facts.add_on_pods import ADD_ON_PODS
from core.merge import merged

ON_EVERY_NODE = {
    # https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.0/config/master/aws-k8s-cni.yaml
    "aws-node": Resources(cpu=50, memory=0),
    # Observed on clusters; the manifest is not public.
    "kube-proxy": Resources(cpu=100, memory=0),
    # https://github.com/aws/eks-pod-identity-agent/blob/v0.1.37/charts/eks-pod-identity-agent/values.yaml
    "eks-pod-identity-agent": Resources(cpu=0, memory=0),
    # https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/v1.64.0/charts/aws-ebs-csi-driver/values.yaml
    "ebs-csi-node": Resources(cpu=30, memory=120),
    # https://github.com/aws/eks-node-monitoring-agent/blob/v1.7.0/charts/eks-node-monitoring-agent/values.yaml
    "eks-node-monitoring-agent": Resources(cpu=10, memory=30),
    # https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
    "fluent-bit": Resources(cpu=50, memory=25),
}
"""Requests of a pod of each DaemonSet. The requests of the CloudWatch agent are a setting."""

CONTROLLERS = {
    "cluster-autoscaler": Resources(cpu=100, memory=600),
    "aws-load-balancer-controller": Resources(cpu=100, memory=256),
    "descheduler": Resources(cpu=100, memory=128),
    "keda-operator": Resources(cpu=100, memory=256),
    "keda-metrics-apiserver": Resources(cpu=100, memory=256),
    "keda-admission-webhooks": Resources(cpu=50, memory=64),
    "cluster-proportional-autoscaler": Resources(cpu=20, memory=32),
}
"""Requests of each pod of a chart. The memory limit has the same value. Each Deployment has two
pods."""


@dataclass(frozen=True, kw_only=True)
class SystemPods:
    """A Deployment of the system."""

    name: str
    """Name of the Deployment."""
    requests: Resources
    """Requests of a pod."""
    replicas: int
    """Number of replicas; the minimum if the Deployment is autoscaled."""


def on_every_node(agent: Resources) -> Resources:
    """Returns the requests of all DaemonSets on a node together.

    `agent` are the requests of the CloudWatch agent.
    """
    each = (*ON_EVERY_NODE.values(), agent)
    return Resources(
        cpu=sum(pod.cpu for pod in each),
        memory=sum(pod.memory for pod in each),
        pods=len(each),
    )


def dns_replicas(zones: int) -> int:
    """Returns the minimum replicas of coredns: one per zone, at least two."""
    return max(2, zones)


def system_pods(
    *,
    zones: int,
    descheduler: bool,
    keda: bool,
    proportional: int,
    configured: Mapping[str, Mapping[str, object]],
) -> Iterator[SystemPods]:
    """Yields the system Deployments of a cell.

    `zones` is the number of zones. `descheduler` and `keda` are true if the cell has these charts.
    `proportional` is the number of cluster-proportional-autoscalers. `configured` are the add-on
    configurations of the stack file, by name of the add-on.
    """
    defaults = {"coredns": {"autoScaling": {"minReplicas": dns_replicas(zones)}}}
    configurations = cast("Mapping[str, Mapping[str, object]]", merged(defaults, configured))
    for add_on, deployments in ADD_ON_PODS.items():
        for each in deployments:
            replicas = each.configured_replicas(configurations.get(add_on, {}))
            yield SystemPods(name=each.name, requests=each.requests, replicas=replicas)
    for name, requests in CONTROLLERS.items():
        releases = {
            "descheduler": descheduler,
            "keda-operator": keda,
            "keda-metrics-apiserver": keda,
            "keda-admission-webhooks": keda,
            "cluster-proportional-autoscaler": proportional,
        }
        if count := int(releases.get(name, True)):
            yield SystemPods(name=name, requests=requests, replicas=2 * count)
