"""Access to the cluster: one EKS access entry per IAM principal, with one access policy.

https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings import Problem, refusal
from settings.cluster.cluster import Cluster as ClusterSettings
from settings.stack import NAMESPACE

_POLICIES = "arn:aws:eks::aws:cluster-access-policy"

_ADMIN = f"{_POLICIES}/AmazonEKSClusterAdminPolicy"
"""Full access."""

_VIEW = f"{_POLICIES}/AmazonEKSViewPolicy"
"""Read access to workloads, their logs and events, in all namespaces. AmazonEKSAdminViewPolicy
would add nodes and custom resources, but also Secrets: a viewer could then use the credentials in
them."""

_EDIT = f"{_POLICIES}/AmazonEKSEditPolicy"
"""Write access to workloads, in some namespaces."""


@dataclass(frozen=True, kw_only=True)
class _Grant:
    """An access policy of a principal."""

    role: str
    """admin, viewer or editor: part of the logical name."""
    label: str
    """Part of the logical name that identifies the principal."""
    principal_arn: str
    """ARN of an IAM role or user."""
    policy_arn: str
    """ARN of the access policy."""
    namespaces: Sequence[str] = ()
    """Scope of the policy; empty: the whole cluster."""


def access_entries(
    name: str,
    cluster: ClusterSettings,
    cluster_name: pulumi.Input[str],
    caller_arn: str,
    parent: pulumi.Resource,
) -> Sequence[pulumi.Resource]:
    """Creates the access entries of the stack file; returns those of the deployer and the admins.

    Raises SettingsError if the deployer is also a viewer or an editor. EKS refuses a second entry
    for a principal, and an entry with fewer permissions would lock the deployer out.
    """
    admins = _admin_grants(cluster, caller_arn, parent)
    others = [
        *(
            _Grant(role="viewer", label=_label(arn), principal_arn=arn, policy_arn=_VIEW)
            for arn in cluster.viewers
        ),
        *(
            _Grant(
                role="editor",
                label=_label(arn),
                principal_arn=arn,
                policy_arn=_EDIT,
                namespaces=namespaces,
            )
            for arn, namespaces in _namespaces_by_editor(cluster.editors).items()
        ),
    ]
    admin_arns = {grant.principal_arn for grant in admins}
    problems = [
        Problem(
            key=f"{NAMESPACE}:cluster.{grant.role}s",
            message=f"{grant.principal_arn} runs Pulumi and is therefore the deployer, a cluster "
            f"admin; remove it from {grant.role}s, or set cluster.deployer to another principal",
        )
        for grant in others
        if grant.principal_arn in admin_arns
    ]
    if problems:
        raise refusal(problems)
    entries = [_access_entry(name, grant, cluster_name, parent) for grant in admins]
    for grant in others:
        _access_entry(name, grant, cluster_name, parent)
    return entries


def _admin_grants(
    cluster: ClusterSettings, caller_arn: str, parent: pulumi.Resource
) -> Sequence[_Grant]:
    """Returns the grants of the deployer and of the admins, each principal once."""
    principals = {"deployer": cluster.deployer or _caller_role(caller_arn, parent)}
    for arn in cluster.admins:
        if arn not in principals.values():
            principals[_label(arn)] = arn
    return [
        _Grant(role="admin", label=label, principal_arn=arn, policy_arn=_ADMIN)
        for label, arn in principals.items()
    ]


def _namespaces_by_editor(editors: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Returns the sorted namespaces of each principal."""
    namespaces: dict[str, list[str]] = {}
    for namespace, principals in sorted(editors.items()):
        for arn in principals:
            namespaces.setdefault(arn, []).append(namespace)
    return namespaces


def _access_entry(
    name: str, grant: _Grant, cluster_name: pulumi.Input[str], parent: pulumi.Resource
) -> aws.eks.AccessPolicyAssociation:
    """Creates an access entry; returns the association with its access policy."""
    entry = aws.eks.AccessEntry(
        f"{name}-{grant.role}-{grant.label}",
        aws.eks.AccessEntryArgs(cluster_name=cluster_name, principal_arn=grant.principal_arn),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return aws.eks.AccessPolicyAssociation(
        f"{name}-{grant.role}-{grant.label}",
        aws.eks.AccessPolicyAssociationArgs(
            cluster_name=cluster_name,
            principal_arn=entry.principal_arn,
            policy_arn=grant.policy_arn,
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(
                type="namespace" if grant.namespaces else "cluster",
                namespaces=list(grant.namespaces) or None,
            ),
        ),
        # A changed scope replaces the association. EKS identifies an association by principal and
        # policy, so that deleting the old one last would delete the new one:
        # docs/decisions/0015-an-access-policy-association-is-deleted-before-its-replacement.md
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )


def _label(arn: str) -> str:
    """Returns account, kind, path and name of a principal as a part of a logical name."""
    return arn.partition(":iam::")[2].replace(":", "-").replace("/", "-")


def _caller_role(caller_arn: str, parent: pulumi.Resource) -> str:
    """Returns the ARN of the user, or of the role with its path behind an assumed-role session.

    docs/decisions/0003-iam-resolves-the-deployer-role.md
    """
    options = pulumi.InvokeOptions(parent=parent)
    return aws.iam.get_session_context(arn=caller_arn, opts=options).issuer_arn
