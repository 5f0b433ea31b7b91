"""Names of the Deployments of add-ons and controllers, for alarms that name each Deployment.

Add-ons: the names in the manifests of EKS, as in `core/facts/add_on_pods.py`. Charts: the names
that the chart renders with the values of the cell (November 2026).
"""

from collections.abc import Iterator
from typing import NamedTuple


class Deployment(NamedTuple):
    """Namespace and name of a Deployment."""

    namespace: str
    name: str


_KEDA = ("keda-operator", "keda-operator-metrics-apiserver", "keda-admission-webhooks")
"""https://github.com/kedacore/charts/tree/v2.20.2/keda/templates"""

AUTOSCALER = Deployment("cluster-autoscaler", "cluster-autoscaler-aws-cluster-autoscaler")
"""https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/templates/_helpers.tpl"""

AUTOSCALER_CONTAINER = "aws-cluster-autoscaler"
"""https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/templates/deployment.yaml"""


def system_deployments(*, descheduler: bool, keda: bool) -> Iterator[Deployment]:
    """Yields the Deployments of add-ons and controllers in a cell, at most ten.

    The cluster-proportional-autoscaler and efs-csi-controller are left out: no other pod depends on
    them.
    """
    for name in ("coredns", "metrics-server", "ebs-csi-controller"):
        yield Deployment("kube-system", name)
    # https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/templates/operator-deployment.yaml
    yield Deployment("amazon-cloudwatch", "amazon-cloudwatch-observability-controller-manager")
    yield AUTOSCALER
    # https://github.com/aws/eks-charts/blob/master/stable/aws-load-balancer-controller/templates/_helpers.tpl
    yield Deployment("aws-load-balancer-controller", "aws-load-balancer-controller")
    if descheduler:
        # https://github.com/kubernetes-sigs/descheduler/blob/descheduler-helm-chart-0.36.0/charts/descheduler/templates/_helpers.tpl
        yield Deployment("descheduler", "descheduler")
    if keda:
        yield from (Deployment("keda", name) for name in _KEDA)
