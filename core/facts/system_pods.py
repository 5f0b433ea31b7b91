"""What the system asks of nodes: pods on every node, and Deployments with their replicas.

What comes from charts has the requests that the cell gives it; EKS add-ons have their defaults, as
their own charts and manifests have them (read November 2026), in
`core/facts/add_on_pods.py` if they are Deployments.
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
    # As seen on clusters; its manifest is not public.
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
"""Requests of each daemon set's pod, but for the CloudWatch agent's, which the cell sizes."""

CONTROLLERS = {
    "cluster-autoscaler": Resources(cpu=100, memory=600),
    "aws-load-balancer-controller": Resources(cpu=100, memory=256),
    "descheduler": Resources(cpu=100, memory=128),
    "keda-operator": Resources(cpu=100, memory=256),
    "keda-metrics-apiserver": Resources(cpu=100, memory=256),
    "keda-admission-webhooks": Resources(cpu=50, memory=64),
    "cluster-proportional-autoscaler": Resources(cpu=20, memory=32),
}
"""What the cell gives to each pod of a chart, two of each; its memory limit is the same."""


@dataclass(frozen=True, kw_only=True)
class SystemPods:
    """A Deployment of the system."""

    name: str
    requests: Resources
    """Requests of a pod."""
    replicas: int


def on_every_node(agent: Resources) -> Resources:
    """What all daemon sets together ask of a node, of which `agent` is the CloudWatch agent."""
    each = (*ON_EVERY_NODE.values(), agent)
    return Resources(
        cpu=sum(pod.cpu for pod in each),
        memory=sum(pod.memory for pod in each),
        pods=len(each),
    )


def dns_replicas(zones: int) -> int:
    """Replicas that coredns begins with: one in each zone, and two in all."""
    return max(2, zones)


def system_pods(
    *,
    zones: int,
    descheduler: bool,
    keda: bool,
    proportional: int,
    configured: Mapping[str, Mapping[str, object]],
) -> Iterator[SystemPods]:
    """The Deployments of a cell over so many zones, with what it has of what it may have.

    `proportional` is the number of cluster-proportional-autoscalers, `configured` the stack file's
    own configuration of add-ons, by add-on.
    """
    own = {"coredns": {"autoScaling": {"minReplicas": dns_replicas(zones)}}}
    configurations = cast("Mapping[str, Mapping[str, object]]", merged(own, configured))
    for add_on, deployments in ADD_ON_PODS.items():
        for each in deployments:
            replicas = each.replicas_of(configurations.get(add_on, {}))
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
