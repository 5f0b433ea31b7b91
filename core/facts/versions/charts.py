"""Helm charts and their pinned versions."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A Helm chart."""

    name: str
    repository: str
    """Address of the repository, or beginning of an OCI address (oci://)."""
    version: str
    image: str
    """Container image that the chart runs, without a tag."""


CLUSTER_AUTOSCALER = Chart(
    name="cluster-autoscaler",
    repository="https://kubernetes.github.io/autoscaler",
    version="9.59.0",
    image="registry.k8s.io/autoscaling/cluster-autoscaler",
)

AWS_LOAD_BALANCER_CONTROLLER = Chart(
    name="aws-load-balancer-controller",
    repository="https://aws.github.io/eks-charts",
    version="3.5.0",
    image="public.ecr.aws/eks/aws-load-balancer-controller",
)

CLUSTER_PROPORTIONAL_AUTOSCALER = Chart(
    name="cluster-proportional-autoscaler",
    repository="https://kubernetes-sigs.github.io/cluster-proportional-autoscaler",
    version="1.1.0",
    image="registry.k8s.io/cpa/cluster-proportional-autoscaler",
)

DESCHEDULER = Chart(
    name="descheduler",
    repository="https://kubernetes-sigs.github.io/descheduler/",
    version="0.36.0",
    image="registry.k8s.io/descheduler/descheduler",
)

NVIDIA_DEVICE_PLUGIN = Chart(
    name="nvidia-device-plugin",
    repository="https://nvidia.github.io/k8s-device-plugin",
    version="0.20.0",
    image="nvcr.io/nvidia/k8s-device-plugin",
)

NEURON = Chart(
    name="neuron-helm-chart",
    repository="oci://public.ecr.aws/neuron",
    version="1.9.0",
    image="public.ecr.aws/neuron/neuron-device-plugin",
)
"""https://github.com/aws-neuron/neuron-helm-charts/releases/tag/1.9.0"""

KEDA = Chart(
    name="keda",
    repository="https://kedacore.github.io/charts",
    version="2.20.2",
    image="ghcr.io/kedacore/keda",
)
"""Upstream tests KEDA 2.20 with Kubernetes 1.33 to 1.35, and 2.21 with 1.36 too.

https://github.com/kedacore/keda-docs/blob/main/content/docs/2.20/operate/cluster.md
"""
