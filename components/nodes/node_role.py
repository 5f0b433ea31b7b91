"""The IAM role of nodes."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from core.iam import trust

_POLICIES = {
    "worker": "AmazonEKSWorkerNodePolicy",
    "pull": "AmazonEC2ContainerRegistryPullOnly",
    "ssm": "AmazonSSMManagedInstanceCore",
}
"""Managed policies of nodes, by a part of the logical name. The VPC CNI has its own role by EKS Pod
Identity."""


def node_role(
    name: str, opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, Sequence[pulumi.Resource]]:
    """Creates the role of all nodes; returns the role and its policy attachments."""
    role = aws.iam.Role(
        name,
        aws.iam.RoleArgs(assume_role_policy=pulumi.Output.json_dumps(trust("ec2.amazonaws.com"))),
        opts=opts,
    )
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{purpose}",
            aws.iam.RolePolicyAttachmentArgs(
                role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}"
            ),
            opts=opts,
        )
        for purpose, policy in _POLICIES.items()
    ]
    return role, attachments
