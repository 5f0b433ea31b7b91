"""The EKS cluster with what it needs, and the Kubernetes provider of its workloads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as kubernetes

from components.cell_context import CellContext
from components.cluster.access import access
from components.cluster.control_plane import control_plane_settings
from components.log_groups import log_group
from core.iam import trust
from settings.aws import AssumeRole
from settings.cluster.cluster import Cluster as ClusterSettings


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """What the control plane of a cell needs."""

    context: CellContext
    """Name, region and account of the cell. The cluster has the name of the cell."""
    cluster: ClusterSettings
    """The stack file's `cluster`."""
    vpc_id: pulumi.Input[str]
    """The VPC."""
    control_plane_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Subnet of each control-plane zone."""
    log_key_arn: pulumi.Input[str]
    """Key of the log group."""
    assume_roles: Sequence[AssumeRole] = ()
    """Role of the aws provider, which the kubeconfig takes on as well."""
    profile: str | None = None
    """Profile of the aws provider, likewise."""


class Cluster(pulumi.ComponentResource):
    """An EKS cluster with its role, key, log group and access entries."""

    name: pulumi.Output[str]
    """Name of the cluster, known to exist: whoever uses it comes after the cluster."""
    security_group_id: pulumi.Output[str]
    """The security group that EKS makes and managed nodes carry."""
    log_group: pulumi.Output[str]
    """Name of the log group of the control plane."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig for `kubectl`, as JSON; takes its token from the `aws` CLI."""
    provider: kubernetes.Provider
    """Kubernetes provider that works as soon as it exists, and as long as it does."""

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Cluster", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        cluster = args.cluster

        role, attachment = self._role(name)
        key = aws.kms.Key(
            f"{name}-secrets",
            aws.kms.KeyArgs(
                description=f"Kubernetes secrets of {args.context.cell}",
                enable_key_rotation=True,
                deletion_window_in_days=cluster.secrets_key_deletion_days,
            ),
            opts=child,
        )
        aws.kms.Alias(
            f"{name}-secrets",
            aws.kms.AliasArgs(
                name=f"alias/eks/{args.context.cell}/secrets", target_key_id=key.key_id
            ),
            opts=child,
        )
        # EKS makes the log group itself, kept for ever, unless it is there already.
        logs = log_group(
            f"{name}-logs",
            f"/aws/eks/{args.context.cell}/cluster",
            cluster.log_retention_days,
            args.log_key_arn,
            self,
        )
        control_plane = eks.Cluster(
            name,
            eks.ClusterArgs(
                name=args.context.cell,
                version=cluster.version,
                authentication_mode=eks.AuthenticationMode.API,
                service_role=role,
                vpc_id=args.vpc_id,
                subnet_ids=list(args.control_plane_subnet_ids.values()),
                endpoint_private_access=True,
                endpoint_public_access=bool(cluster.public_access_cidrs),
                public_access_cidrs=list(cluster.public_access_cidrs) or None,
                enabled_cluster_log_types=list(cluster.log_types),
                encryption_config_key_arn=key.arn,
                deletion_protection=cluster.deletion_protection,
                upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
                skip_default_node_group=True,
                skip_default_security_groups=True,
                create_instance_role=False,
                bootstrap_self_managed_addons=False,
                use_default_vpc_cni=True,
                coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),
                kube_proxy_addon_options=eks.KubeProxyAddonOptionsArgs(enabled=False),
                provider_credential_opts=_credentials(args),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[attachment, logs],
                transforms=[control_plane_settings(cluster)],
            ),
        )
        # A plain name carries no dependency; taken from the kubeconfig, it comes after the cluster.
        self.name = control_plane.kubeconfig_json.apply(lambda _: args.context.cell)
        self.security_group_id = control_plane.cluster_security_group_id
        self.log_group = logs.name
        self.kubeconfig = control_plane.kubeconfig_json

        admins = access(name, cluster, self.name, args.context.caller_arn, self)
        self.provider = kubernetes.Provider(
            f"{name}-kubernetes",
            kubernetes.ProviderArgs(
                kubeconfig=self.kubeconfig,
                # Without it, a kubeconfig that changes replaces every object in the cluster.
                cluster_identifier=args.context.cell,
                enable_server_side_apply=True,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=admins),
        )
        self.register_outputs(
            {
                "name": self.name,
                "security_group_id": self.security_group_id,
                "log_group": self.log_group,
                "kubeconfig": self.kubeconfig,
            }
        )

    def _role(self, name: str) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        role = aws.iam.Role(
            f"{name}-role",
            aws.iam.RoleArgs(
                assume_role_policy=pulumi.Output.json_dumps(
                    trust("eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{name}-role-policy",
            aws.iam.RolePolicyAttachmentArgs(
                role=role.name, policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role, attachment


def _credentials(args: ClusterArgs) -> eks.KubeconfigOptionsArgs | None:
    """What the kubeconfig takes on so that it speaks as the aws provider does."""
    role = args.assume_roles[0].role_arn if args.assume_roles else None
    if role is None and args.profile is None:
        return None
    return eks.KubeconfigOptionsArgs(role_arn=role, profile_name=args.profile)
