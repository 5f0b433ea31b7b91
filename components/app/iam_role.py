"""The IAM role of an app, by EKS Pod Identity."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.pod_identity import pod_identity_association, pod_role


@dataclass(frozen=True, kw_only=True)
class AppRole:
    """The IAM role of an app's service account."""

    association_id: pulumi.Output[str]
    """Id of the Pod Identity association. Running pods get no credentials of a new association."""
    ready: Sequence[pulumi.Resource]
    """Resources that must exist before the pods: the association and the policies."""


def iam_role(
    name: str,
    policies: Sequence[str],
    cluster_name: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> AppRole | None:
    """Creates a role with managed policies for the app `name`; None: the app has no policies."""
    if not policies:
        return None
    role = pod_role(name, opts)
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{name}:{policy.partition(':iam::')[2]}",
            aws.iam.RolePolicyAttachmentArgs(role=role.name, policy_arn=policy),
            opts=opts,
        )
        for policy in policies
    ]
    association = pod_identity_association(name, cluster_name, name, role, opts)
    return AppRole(association_id=association.id, ready=[*attachments, association])
