"""Every version that the cell pins, in one place."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

KUBERNETES = {
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
"""Kubernetes minors of EKS with the last day of their standard support.

https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (read November 2026)
"""


def minor_of(version: str) -> int:
    """The minor of a Kubernetes version such as 1.36."""
    return int(version.split(".")[1])


ADD_ON_NAMES = (
    "amazon-cloudwatch-observability",
    "aws-ebs-csi-driver",
    "coredns",
    "eks-node-monitoring-agent",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "vpc-cni",
)
"""EKS add-ons that a cell has, as `aws eks describe-addon-versions` lists them."""

ADD_ON_VERSION = r"v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+"
"""What the version of an EKS add-on looks like."""

ADD_ON_PINS = Path(__file__).with_name("add_ons.toml")
"""File of the pinned versions: data, since `make bump` writes it."""

ADD_ONS: dict[str, dict[str, str]] = tomllib.loads(ADD_ON_PINS.read_text(encoding="utf-8"))
"""Version of each EKS add-on by Kubernetes minor.

Which builds EKS offers can only be asked of AWS. An add-on that has no entry gets EKS's default
for the minor at its creation and keeps that version; preview lists it as unpinned.
"""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A Helm chart."""

    name: str
    repository: str
    version: str
    image: str
    """What it runs, without a tag."""


CLUSTER_AUTOSCALER = Chart(
    name="cluster-autoscaler",
    repository="https://kubernetes.github.io/autoscaler",
    version="9.59.0",
    image="registry.k8s.io/autoscaling/cluster-autoscaler",
)

CLUSTER_AUTOSCALER_IMAGE = {"1.34": "v1.34.5", "1.35": "v1.35.2", "1.36": "v1.36.1"}
"""Tag of the Cluster Autoscaler by Kubernetes minor: it simulates that minor's scheduler.

https://github.com/kubernetes/autoscaler/releases
"""

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

CLUSTER_PROPORTIONAL_AUTOSCALER_IMAGE = "v1.10.3"
"""The chart's own is of 2023, and knows of one target only.

https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/releases
"""

DESCHEDULER = Chart(
    name="descheduler",
    repository="https://kubernetes-sigs.github.io/descheduler/",
    version="0.36.0",
    image="registry.k8s.io/descheduler/descheduler",
)

KEDA = Chart(
    name="keda",
    repository="https://kedacore.github.io/charts",
    version="2.20.2",
    image="ghcr.io/kedacore/keda",
)
"""Upstream tests 2.20 with Kubernetes 1.33 to 1.35, and 2.21 with 1.36 too: it comes when its chart
has been read. https://github.com/kedacore/keda-docs/blob/main/content/docs/2.20/operate/cluster.md
"""

KEDA_METRICS_IMAGE = f"{KEDA.image}-metrics-apiserver"
KEDA_WEBHOOKS_IMAGE = f"{KEDA.image}-admission-webhooks"
"""What runs beside its operator, of the same version."""

PAUSE_IMAGE = "registry.k8s.io/pause:3.10.1"
"""A container that does nothing."""
