"""Access to the cluster: one EKS access entry per IAM principal, with one access policy.

https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.cluster.cluster import Cluster as ClusterSettings

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

    principal_arn: str
    """ARN of an IAM role or user."""
    policy_arn: str
    """ARN of the access policy."""
    namespaces: Sequence[str] = ()
    """Scope of the policy; empty: the whole cluster."""


def access_entries(
    name: str,
    cluster: ClusterSettings,
    admins: Sequence[str],
    cluster_name: pulumi.Input[str],
    parent: pulumi.Resource,
) -> Sequence[pulumi.Resource]:
    """Creates the access entries of the administrators and of the viewers and editors of the stack
    file; returns those of the administrators.

    The logical name of an entry has the principal only. A principal whose type of access changes
    keeps its entry, because EKS refuses a second one.
    """
    for arn in cluster.viewers:
        grant = _Grant(principal_arn=arn, policy_arn=_VIEW)
        _access_entry(name, grant, cluster_name, parent)
    for arn, namespaces in _namespaces_by_editor(cluster.editors).items():
        grant = _Grant(principal_arn=arn, policy_arn=_EDIT, namespaces=namespaces)
        _access_entry(name, grant, cluster_name, parent)
    return [
        _access_entry(name, _Grant(principal_arn=arn, policy_arn=_ADMIN), cluster_name, parent)
        for arn in admins
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
    logical_name = f"{name}-access-{_label(grant.principal_arn)}"
    entry = aws.eks.AccessEntry(
        logical_name,
        aws.eks.AccessEntryArgs(cluster_name=cluster_name, principal_arn=grant.principal_arn),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return aws.eks.AccessPolicyAssociation(
        logical_name,
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
    """Returns account, kind, path and name of a principal: 123456789012-role/path/name."""
    return arn.partition(":iam::")[2].replace(":", "-")
