"""What an app may do in AWS: a role that its service account has."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.pod_identity import pod_identity_association, pod_role


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A role in AWS."""

    id: pulumi.Output[str]
    """Id of the association: pods that run before it has another one get no credentials of it."""
    ready: Sequence[pulumi.Resource]
    """What has to be there before the pods."""


def identity(
    name: str,
    policies: Sequence[str],
    cluster_name: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> Identity | None:
    """A role with the managed `policies` for the app `name`; None: it has none."""
    if not policies:
        return None
    role = pod_role(name, opts)
    attached = [
        aws.iam.RolePolicyAttachment(
            f"{name}:{policy.partition(':iam::')[2]}",
            aws.iam.RolePolicyAttachmentArgs(role=role.name, policy_arn=policy),
            opts=opts,
        )
        for policy in policies
    ]
    given = pod_identity_association(name, cluster_name, name, role, opts)
    return Identity(id=given.id, ready=[*attached, given])
