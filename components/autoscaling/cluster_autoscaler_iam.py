"""IAM policy of the Cluster Autoscaler."""

from core.iam import Document, allow, policy


def iam_policy(cluster: str, region: str) -> Document:
    """Returns the policy: read groups and instance types, resize only groups of the cluster.

    Actions: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/README.md
    EKS tags the Auto Scaling groups of managed node groups with the name of the cluster:
    https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html
    """
    tag = f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}"
    return policy(
        allow(
            [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ]
        ),
        allow(
            ["eks:DescribeNodegroup"],
            f"arn:aws:eks:{region}:*:nodegroup/{cluster}/*",
        ),
        allow(
            ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            condition={"Null": {tag: "false"}},
        ),
    )
