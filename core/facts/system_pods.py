"""Requests of system pods: DaemonSets on every node, and Deployments with their replicas.

The program sets the requests of pods that charts create. EKS add-ons have the default requests of
their charts and manifests (read November 2026); the Deployments of add-ons are in
`core/facts/add_on_pods.py`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from core.availability.resources import Resources
from core.facts.accelerators import Device
from core.facts.add_on_pods import ADD_ON_PODS
from core.facts.versions.add_ons import EFS_DRIVER, OPTIONAL_ADD_ONS, SECRETS_DRIVER
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
"""Requests of a pod of each DaemonSet of every cell. The requests of the CloudWatch agent are a
setting."""

DEVICE_PLUGINS: Mapping[Device, Resources] = {
    "gpu": Resources(cpu=50, memory=256),
    "neuron": Resources(cpu=50, memory=256),
}
"""Requests of a pod of each device plugin, on the nodes with its devices. The memory limit has the
same value."""

_WITH_ADD_ON = {
    EFS_DRIVER: {
        # No requests: https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/v3.4.1/charts/aws-efs-csi-driver/values.yaml
        # and observed on a cluster: https://github.com/aws/containers-roadmap/issues/2155
        "efs-csi-node": Resources(cpu=0, memory=0),
    },
    SECRETS_DRIVER: {
        # Three containers: https://github.com/kubernetes-sigs/secrets-store-csi-driver/blob/v1.6.0/charts/secrets-store-csi-driver/values.yaml
        "secrets-store-csi-driver": Resources(cpu=70, memory=140),
        # https://github.com/aws/secrets-store-csi-driver-provider-aws/blob/main/charts/secrets-store-csi-driver-provider-aws/values.yaml
        "secrets-store-csi-driver-provider-aws": Resources(cpu=50, memory=100),
    },
}
"""Requests of a pod of each DaemonSet of an add-on that not every cell has."""

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


def daemon_sets(agent: Resources, optional: Collection[str]) -> Mapping[str, Resources]:
    """Returns the requests of a pod of each DaemonSet of a cell, by name.

    `agent` are the requests of the CloudWatch agent, and `optional` the optional add-ons of the
    cell.
    """
    further = {name: pod for each in optional for name, pod in _WITH_ADD_ON[each].items()}
    return {**ON_EVERY_NODE, **further, "cloudwatch-agent": agent}


def on_every_node(agent: Resources, optional: Collection[str]) -> Resources:
    """Returns the requests of all DaemonSets on a node together; see `daemon_sets`."""
    each = daemon_sets(agent, optional).values()
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
    optional: Collection[str],
    configured: Mapping[str, Mapping[str, object]],
) -> Iterator[SystemPods]:
    """Yields the system Deployments of a cell.

    `zones` is the number of zones. `descheduler` and `keda` are true if the cell has these charts.
    `proportional` is the number of cluster-proportional-autoscalers. `optional` are the optional
    add-ons of the cell. `configured` are the add-on configurations of the stack file, by name of
    the add-on.
    """
    defaults = {"coredns": {"autoScaling": {"minReplicas": dns_replicas(zones)}}}
    configurations = cast("Mapping[str, Mapping[str, object]]", merged(defaults, configured))
    absent = {*OPTIONAL_ADD_ONS} - {*optional}
    for add_on, deployments in ADD_ON_PODS.items():
        for each in deployments if add_on not in absent else ():
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
