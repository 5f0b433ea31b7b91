"""How long AWS and Kubernetes take to create a resource of a type: typical, not at the most.

AWS's texts name few figures, and each of them stands here with its address. Elsewhere they say
"several minutes": then the figure is an estimate, and says where from. Its logs are a dozen of
`terraform apply` on AWS, of 2022 to 2026, that people published.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Duration:
    """A typical time, and where it is from."""

    seconds: int
    """Seconds from the call that creates a resource until what depends on it can begin."""
    source: str
    """Address of AWS's statement; "estimate: " and why, if there is none."""

    @property
    def documented(self) -> bool:
        """Whether AWS says so."""
        return self.source.startswith("https://")


def _aws(seconds: int, address: str) -> Duration:
    return Duration(seconds=seconds, source=address)


def _estimate(seconds: int, why: str) -> Duration:
    return Duration(seconds=seconds, source=f"estimate: {why}")


DEFAULT = _estimate(2, "a call that answers when it is done, 0 to 6 s in logs")
"""Of every type without a row."""

_NO_NODE = _estimate(30, "active without a node, 24 to 35 s in logs")

TYPICAL: Mapping[str, Duration] = {
    "aws:acm/certificateValidation:CertificateValidation": _estimate(
        120, "AWS has no figure; waits until ACM has found the record"
    ),
    "aws:amp/scraper:Scraper": _estimate(1040, "17 minutes in an example of AWS's user guide"),
    "aws:ec2/launchTemplate:LaunchTemplate": _estimate(6, "6 s in logs"),
    "aws:ec2/natGateway:NatGateway": _estimate(120, "AWS has no figure; 85 to 125 s in logs"),
    "aws:ec2/vpc:Vpc": _estimate(10, "waits for its DNS attributes, 6 to 11 s in logs"),
    "aws:ec2/vpcEndpoint:VpcEndpoint Gateway": _estimate(6, "3 to 7 s in logs"),
    "aws:ec2/vpcEndpoint:VpcEndpoint Interface": _estimate(60, "AWS has no figure"),
    "aws:eks/addon:Addon": _estimate(45, 'AWS: "several minutes"; with nodes 14 to 65 s in logs'),
    "aws:eks/addon:Addon eks-pod-identity-agent": _NO_NODE,
    "aws:eks/addon:Addon kube-proxy": _NO_NODE,
    "aws:eks/addon:Addon vpc-cni": _NO_NODE,
    # "9 minutes or less, on average", the control plane alone; 490 to 610 s in logs. The user guide
    # has "about 15 minutes", of a cluster in Auto Mode (automode-get-started-cli.html).
    "aws:eks/cluster:Cluster": _aws(
        540,
        "https://aws.amazon.com/about-aws/whats-new/2021/03/amazon-eks-reduces-cluster-creation-time-40-percent/",
    ),
    "aws:eks/nodeGroup:NodeGroup": _estimate(150, 'AWS: "a few minutes"; 90 to 200 s in logs'),
    "aws:iam/role:Role": _estimate(10, "1 to 3 s in logs, and some until EKS sees it"),
    "aws:kms/key:Key": _estimate(20, "waits for its policy, 12 to 29 s in logs"),
    # "Wait 2-3 minutes for the ALB to provision and register all targets"; 139 to 172 s in logs.
    "aws:lb/loadBalancer:LoadBalancer": _aws(
        150, "https://docs.aws.amazon.com/eks/latest/userguide/auto-elb-example.html"
    ),
    # "generally propagate to all Route 53 name servers managing the hosted zone within 60 seconds"
    "aws:route53/record:Record": _aws(
        60,
        "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html",
    ),
    "kubernetes:apps/v1:Deployment": _estimate(60, "image, start, probes, target health"),
    "kubernetes:helm.sh/v3:Release": _estimate(60, "waits for its pods, 22 to 94 s in logs"),
}
"""By type token, or by that and what `_KINDS` tells apart."""

_KINDS = {"aws:eks/addon:Addon": "addonName", "aws:ec2/vpcEndpoint:VpcEndpoint": "vpcEndpointType"}
"""Input by which resources of a type differ."""


def typical(type_: str, inputs: Mapping[str, object]) -> Duration:
    """The duration of a resource, by its type and inputs."""
    kind = f"{type_} {inputs.get(_KINDS.get(type_, ''))}"
    return TYPICAL.get(kind) or TYPICAL.get(type_) or DEFAULT
