"""EKS Pod Identity: a role in AWS for the pods of a service account.

Credentials come with a pod's creation: role, rights and association have to be there by then.
"""

import pulumi
import pulumi_aws as aws

from core.iam import pod_identity_trust


def pod_role(name: str, opts: pulumi.ResourceOptions) -> aws.iam.Role:
    """A role that pods take on, and that may do nothing yet."""
    return aws.iam.Role(
        name,
        aws.iam.RoleArgs(assume_role_policy=pulumi.Output.json_dumps(pod_identity_trust())),
        opts=opts,
    )


def association(
    name: str,
    cluster_name: pulumi.Input[str],
    account: str,
    role: aws.iam.Role,
    opts: pulumi.ResourceOptions,
) -> aws.eks.PodIdentityAssociation:
    """Gives a role to the service account `account` in the namespace of its name."""
    return aws.eks.PodIdentityAssociation(
        name,
        aws.eks.PodIdentityAssociationArgs(
            cluster_name=cluster_name,
            namespace=account,
            service_account=account,
            role_arn=role.arn,
        ),
        opts=opts,
    )
