"""Typical creation times of resources in AWS and Kubernetes; not upper limits.

AWS documents few figures; a documented figure has the URL of the page as its source. Where AWS
documents none, or only "several minutes", the figure is an estimate, and the source states the
basis. The "logs" are a dozen published logs of `terraform apply` on AWS, from 2022 to 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Duration:
    """A typical creation time with its source."""

    seconds: int
    """Seconds from the start of the creation until the creation of dependents can start."""
    source: str
    """URL of the AWS documentation, or `estimate: ` with the basis of the estimate."""

    @property
    def documented(self) -> bool:
        """True if AWS documents the time."""
        return self.source.startswith("https://")


def _aws(seconds: int, url: str) -> Duration:
    return Duration(seconds=seconds, source=url)


def _estimate(seconds: int, basis: str) -> Duration:
    return Duration(seconds=seconds, source=f"estimate: {basis}")


DEFAULT = _estimate(2, "the call returns when the resource exists, 0 to 6 s in logs")
"""Creation time of a type that is not in TYPICAL."""

_NO_NODE = _estimate(30, "becomes active without a node, 24 to 35 s in logs")

TYPICAL: Mapping[str, Duration] = {
    "aws:acm/certificateValidation:CertificateValidation": _estimate(
        120, "no figure from AWS; waits until ACM has validated the DNS record"
    ),
    "aws:amp/scraper:Scraper": _estimate(1040, "17 minutes in an example of the AWS user guide"),
    "aws:ec2/launchTemplate:LaunchTemplate": _estimate(6, "6 s in logs"),
    "aws:ec2/natGateway:NatGateway": _estimate(120, "no figure from AWS; 85 to 125 s in logs"),
    "aws:ec2/vpc:Vpc": _estimate(10, "waits for the DNS attributes, 6 to 11 s in logs"),
    "aws:ec2/vpcEndpoint:VpcEndpoint Gateway": _estimate(6, "3 to 7 s in logs"),
    "aws:ec2/vpcEndpoint:VpcEndpoint Interface": _estimate(60, "no figure from AWS"),
    "aws:eks/addon:Addon": _estimate(45, 'AWS: "several minutes"; with nodes 14 to 65 s in logs'),
    "aws:eks/addon:Addon eks-pod-identity-agent": _NO_NODE,
    "aws:eks/addon:Addon kube-proxy": _NO_NODE,
    "aws:eks/addon:Addon vpc-cni": _NO_NODE,
    # "9 minutes or less, on average" for the control plane; 490 to 610 s in logs. The figure of
    # "about 15 minutes" in the user guide is for EKS Auto Mode (automode-get-started-cli.html).
    "aws:eks/cluster:Cluster": _aws(
        540,
        "https://aws.amazon.com/about-aws/whats-new/2021/03/amazon-eks-reduces-cluster-creation-time-40-percent/",
    ),
    "aws:eks/nodeGroup:NodeGroup": _estimate(150, 'AWS: "a few minutes"; 90 to 200 s in logs'),
    "aws:iam/role:Role": _estimate(
        10, "1 to 3 s in logs, and a few seconds until EKS finds the role"
    ),
    "aws:kms/key:Key": _estimate(20, "waits for the key policy, 12 to 29 s in logs"),
    # "Wait 2-3 minutes for the ALB to provision and register all targets"; 139 to 172 s in logs.
    "aws:lb/loadBalancer:LoadBalancer": _aws(
        150, "https://docs.aws.amazon.com/eks/latest/userguide/auto-elb-example.html"
    ),
    # "generally propagate to all Route 53 name servers managing the hosted zone within 60 seconds"
    "aws:route53/record:Record": _aws(
        60,
        "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html",
    ),
    "kubernetes:apps/v1:Deployment": _estimate(60, "image pull, start, probes and target health"),
    "kubernetes:helm.sh/v3:Release": _estimate(60, "waits for the pods, 22 to 94 s in logs"),
}
"""Creation time by type token, or by type token and the value of the input in _KINDS."""

_KINDS = {"aws:eks/addon:Addon": "addonName", "aws:ec2/vpcEndpoint:VpcEndpoint": "vpcEndpointType"}
"""Input of a type on which the creation time depends, by type token."""


def typical(type_: str, inputs: Mapping[str, object]) -> Duration:
    """Returns the creation time of a resource with a type token and inputs."""
    kind = f"{type_} {inputs.get(_KINDS.get(type_, ''))}"
    return TYPICAL.get(kind) or TYPICAL.get(type_) or DEFAULT
