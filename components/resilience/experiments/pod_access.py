"""Access of an experiment to the pods of an app: in EKS, in Kubernetes and in the network.

FIS starts a pod of its own in the namespace of the targets, which acts through the Kubernetes API.
The rights are those that AWS documents for all pod actions:
https://docs.aws.amazon.com/fis/latest/userguide/eks-pod-actions.html#configure-service-account
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import core, meta, networking, rbac

from components.app.network_policy import api_egress, dns_egress
from core.labels import NAME, migration_label

SERVICE_ACCOUNT = "fault-injection-service"
"""Service account of the pods of FIS, and name of the other objects. The name is longer than that
of any app, whose own objects are in the same namespace."""

_RULES = (
    ("", "configmaps", ("get", "create", "patch", "delete")),
    ("", "pods", ("create", "list", "get", "delete", "deletecollection")),
    ("", "pods/ephemeralcontainers", ("update",)),
    ("", "pods/exec", ("create",)),
    ("apps", "deployments", ("get",)),
)
"""API group, resource and verbs."""


@dataclass(frozen=True, kw_only=True)
class PodAccessArgs:
    """Arguments of pod_access."""

    namespace: pulumi.Input[str]
    """Namespace of the app, an output of it."""
    user: str
    """Kubernetes user of the role of the experiment."""
    control_plane_cidrs: Sequence[str]
    """CIDRs of the Kubernetes API."""


def kubernetes_user(
    name: str,
    cluster_name: pulumi.Input[str],
    role_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates the access entry that makes a role the Kubernetes user `name` without any rights."""
    aws.eks.AccessEntry(
        name,
        aws.eks.AccessEntryArgs(cluster_name=cluster_name, principal_arn=role_arn, user_name=name),
        opts=opts,
    )


def pod_access(name: str, app: str, args: PodAccessArgs, opts: pulumi.ResourceOptions) -> None:
    """Creates the service account of the pods of FIS in the namespace of an app, the rights of
    service account and user, and the connections of these pods."""
    metadata = meta.v1.ObjectMetaArgs(name=SERVICE_ACCOUNT, namespace=args.namespace)
    core.v1.ServiceAccount(f"{name}-{app}", metadata=metadata, opts=opts)
    role = rbac.v1.Role(
        f"{name}-{app}",
        metadata=metadata,
        rules=[
            rbac.v1.PolicyRuleArgs(api_groups=[group], resources=[resource], verbs=list(verbs))
            for group, resource, verbs in _RULES
        ],
        opts=opts,
    )
    rbac.v1.RoleBinding(
        f"{name}-{app}",
        metadata=metadata,
        role_ref=rbac.v1.RoleRefArgs(
            api_group="rbac.authorization.k8s.io", kind="Role", name=role.metadata.name
        ),
        subjects=[
            rbac.v1.SubjectArgs(
                kind="ServiceAccount", name=SERVICE_ACCOUNT, namespace=args.namespace
            ),
            rbac.v1.SubjectArgs(kind="User", name=args.user, api_group="rbac.authorization.k8s.io"),
        ],
        opts=opts,
    )
    # AWS does not document labels of its pods: they are those without the labels of the app.
    of_app = meta.v1.LabelSelectorRequirementArgs(
        key=NAME, operator="NotIn", values=[app, migration_label(app)]
    )
    networking.v1.NetworkPolicy(
        f"{name}-{app}",
        metadata=metadata,
        spec=networking.v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(match_expressions=[of_app]),
            policy_types=["Egress"],
            egress=[dns_egress(), api_egress(args.control_plane_cidrs)],
        ),
        opts=opts,
    )
