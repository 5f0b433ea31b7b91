"""Every version that the cell pins, in one place."""

from dataclasses import dataclass
from datetime import date

KUBERNETES = {
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
"""Kubernetes minors of EKS with the last day of their standard support.

https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (read November 2026)
"""

ADD_ONS: dict[str, dict[str, str]] = {minor: {} for minor in KUBERNETES}
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

PAUSE_IMAGE = "registry.k8s.io/pause:3.10.1"
"""A container that does nothing."""
