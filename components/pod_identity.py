"""EKS Pod Identity: an IAM role for the pods of a service account.

A pod gets its credentials when it is created. Role, policies and association therefore have to
exist before the pod, and components/pod_credentials.py refuses pods until the association works.
"""

import pulumi
import pulumi_aws as aws

from core.iam import pod_identity_trust


def pod_role(name: str, opts: pulumi.ResourceOptions) -> aws.iam.Role:
    """Creates a role that pods can assume, without permissions."""
    return aws.iam.Role(
        name,
        aws.iam.RoleArgs(assume_role_policy=pulumi.Output.json_dumps(pod_identity_trust())),
        opts=opts,
    )


def pod_identity_association(
    name: str,
    cluster_name: pulumi.Input[str],
    service_account: str,
    role: aws.iam.Role,
    opts: pulumi.ResourceOptions,
) -> aws.eks.PodIdentityAssociation:
    """Associates a role with a service account in the namespace of the same name."""
    return aws.eks.PodIdentityAssociation(
        name,
        aws.eks.PodIdentityAssociationArgs(
            cluster_name=cluster_name,
            namespace=service_account,
            service_account=service_account,
            role_arn=role.arn,
        ),
        opts=opts,
    )
