"""The IAM role of an app, by EKS Pod Identity."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.app.aws_secrets import secrets_policy
from components.pod_identity import pod_identity_association, pod_role
from settings.workload.workload import Workload


@dataclass(frozen=True, kw_only=True)
class AppRole:
    """The IAM role of an app's service account."""

    association_id: pulumi.Output[str]
    """Id of the Pod Identity association. Running pods get no credentials of a new association."""
    ready: Sequence[pulumi.Resource]
    """Resources that must exist before the pods: the association and the policies."""


def iam_role(
    name: str,
    app: Workload,
    cluster_name: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> AppRole | None:
    """Creates a role with the policies of the workload `name`, and with a policy for its AWS
    secrets; None: the workload needs no role."""
    secrets = secrets_policy(app)
    if not (app.policies or secrets):
        return None
    role = pod_role(name, opts)
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{name}:{policy.partition(':iam::')[2]}",
            aws.iam.RolePolicyAttachmentArgs(role=role.name, policy_arn=policy),
            opts=opts,
        )
        for policy in app.policies
    ]
    inline = [
        aws.iam.RolePolicy(
            f"{name}:secrets",
            aws.iam.RolePolicyArgs(role=role.name, policy=json.dumps(document)),
            opts=opts,
        )
        for document in [secrets]
        if document
    ]
    association = pod_identity_association(name, cluster_name, name, role, opts)
    return AppRole(association_id=association.id, ready=[*attachments, *inline, association])
