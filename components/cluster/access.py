"""Who may use the cluster: one access entry a principal, with one policy.

https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.cluster.cluster import Cluster as ClusterSettings

_POLICIES = "arn:aws:eks::aws:cluster-access-policy"

_ADMIN = f"{_POLICIES}/AmazonEKSClusterAdminPolicy"
"""Everything."""

_VIEW = f"{_POLICIES}/AmazonEKSViewPolicy"
"""Reads workloads, their logs and events, in all namespaces. AmazonEKSAdminViewPolicy would read
nodes and custom resources too, and with them every Secret: whoever reads Secrets can act as what
they are for, and looks on no longer."""

_EDIT = f"{_POLICIES}/AmazonEKSEditPolicy"
"""Changes workloads, in the namespaces that it is given for."""


@dataclass(frozen=True, kw_only=True)
class _Right:
    role: str
    """Part of the logical name."""
    who: str
    """The principal in the logical name."""
    principal: str
    policy: str
    namespaces: Sequence[str] = ()
    """None: the whole cluster."""


def access(
    name: str,
    cluster: ClusterSettings,
    cluster_name: pulumi.Input[str],
    caller_arn: str,
    parent: pulumi.Resource,
) -> Sequence[pulumi.Resource]:
    """Lets in whom the stack file names; returns what lets in the deployer and the admins.

    Raises pulumi.RunError if whoever runs Pulumi is a viewer or an editor: an entry for each
    would be refused by EKS, and one with fewer rights would lock the deployer out.
    """
    admins = _admins(cluster, caller_arn, parent)
    others = [
        *(_Right(role="viewer", who=_who(arn), principal=arn, policy=_VIEW)
          for arn in cluster.viewers),
        *(_Right(role="editor", who=_who(arn), principal=arn, policy=_EDIT, namespaces=spaces)
          for arn, spaces in _namespaces_of(cluster.editors).items()),
    ]  # fmt: skip
    for right in others:
        if right.principal in {admin.principal for admin in admins}:
            raise pulumi.RunError(
                f"{right.principal} runs Pulumi, which makes it the deployer and cluster admin: "
                f"take it out of cluster.{right.role}s, or name another cluster.deployer"
            )
    let_in = [_let_in(name, right, cluster_name, parent) for right in admins]
    for right in others:
        _let_in(name, right, cluster_name, parent)
    return let_in


def _admins(cluster: ClusterSettings, caller_arn: str, parent: pulumi.Resource) -> Sequence[_Right]:
    """The deployer and the admins; a deployer that nobody names may be one of them."""
    principals = {"deployer": cluster.deployer or _caller(caller_arn, parent)}
    for arn in cluster.admins:
        if arn not in principals.values():
            principals[_who(arn)] = arn
    return [
        _Right(role="admin", who=who, principal=arn, policy=_ADMIN)
        for who, arn in principals.items()
    ]


def _namespaces_of(editors: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """The namespaces of each editor, sorted."""
    found: dict[str, list[str]] = {}
    for namespace, principals in sorted(editors.items()):
        for arn in principals:
            found.setdefault(arn, []).append(namespace)
    return found


def _let_in(
    name: str, right: _Right, cluster_name: pulumi.Input[str], parent: pulumi.Resource
) -> aws.eks.AccessPolicyAssociation:
    entry = aws.eks.AccessEntry(
        f"{name}-{right.role}-{right.who}",
        aws.eks.AccessEntryArgs(cluster_name=cluster_name, principal_arn=right.principal),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return aws.eks.AccessPolicyAssociation(
        f"{name}-{right.role}-{right.who}",
        aws.eks.AccessPolicyAssociationArgs(
            cluster_name=cluster_name,
            principal_arn=entry.principal_arn,
            policy_arn=right.policy,
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(
                type="namespace" if right.namespaces else "cluster",
                namespaces=list(right.namespaces) or None,
            ),
        ),
        # Another scope replaces it. To EKS it is the same association, by principal and policy:
        # the deletion of the old one would end the new one.
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )


def _who(arn: str) -> str:
    """A principal as a part of a logical name: account, kind, path and name."""
    return arn.partition(":iam::")[2].replace(":", "-").replace("/", "-")


def _caller(arn: str, parent: pulumi.Resource) -> str:
    """Role or user that runs Pulumi; of an assumed role, the role with its path."""
    options = pulumi.InvokeOptions(parent=parent)
    return aws.iam.get_session_context(arn=arn, opts=options).issuer_arn
