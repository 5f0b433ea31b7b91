"""The IAM policy of the AWS Load Balancer Controller."""

from core.iam import Document, allow, policy
from core.load_balancers import KINDS, resource_name


def controller_policy(region: str) -> Document:
    """Returns the policy for the target groups of both load balancers.

    TargetGroupBindings without a `networking` section need no other actions. The policy matches
    names, not ARNs: when an app or a load balancer is removed, the controller deregisters pods
    after the policy would have lost the ARN.
    docs/decisions/0010-the-load-balancer-controller-policy-matches-target-group-names.md
    Actions: https://github.com/kubernetes-sigs/aws-load-balancer-controller/tree/v3.5.0/pkg/targetgroupbinding
    """
    return policy(
        allow(
            [
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ]
        ),
        allow(
            [
                "elasticloadbalancing:RegisterTargets",
                "elasticloadbalancing:DeregisterTargets",
            ],
            [
                f"arn:aws:elasticloadbalancing:{region}:*:targetgroup/{resource_name(kind)}-*/*"
                for kind in KINDS
            ],
        ),
    )
