"""The EKS cluster and its access entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

from components.cell_context import CellContext
from components.cluster.access_entries import access_entries
from components.cluster.control_plane import control_plane_settings
from components.log_groups import log_group
from core.iam import trust
from core.tags import DEPLOYER, MAX_TAG_VALUE
from settings.aws import AssumeRole
from settings.cluster.cluster import Cluster as ClusterSettings


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """Arguments of Cluster."""

    context: CellContext
    """Name, region and account of the cell. The cluster has the name of the cell."""
    cluster: ClusterSettings
    """The `cluster` section of the stack file."""
    protected: bool
    """True if AWS refuses to delete the cluster."""
    deployer: str | None
    """ARN of the deployer, a tag of the cluster: the deployer of the next run too."""
    admins: Sequence[str]
    """ARNs of the administrators of the cluster, at least one."""
    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    control_plane_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Subnet of each control-plane zone."""
    log_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the log group."""
    assume_roles: Sequence[AssumeRole] = ()
    """Roles that the AWS provider assumes, and the kubeconfig too; at most one."""
    profile: str | None = None
    """Profile of the AWS provider, and of the kubeconfig."""


class Cluster(pulumi.ComponentResource):
    """Creates an EKS cluster with its role, KMS key, log group and access entries."""

    name: pulumi.Output[str]
    """Name of the cluster, as an output: a resource that uses it is created after the cluster."""
    security_group_id: pulumi.Output[str]
    """Id of the cluster security group, which EKS creates and managed nodes use."""
    log_group: pulumi.Output[str]
    """Name of the log group of the control plane."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig for `kubectl`, as JSON. The `aws` CLI provides its token."""
    access: Sequence[pulumi.Resource]
    """Access policies of the administrators. Kubernetes objects are created after them and deleted
    before them."""

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Cluster", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        cell, settings = args.context.cell, args.cluster

        role, attachment = self._role(name)
        secrets_key = self._secrets_key(name)
        # EKS creates this log group without a retention unless it exists.
        logs = log_group(
            f"{name}-logs",
            f"/aws/eks/{cell}/cluster",
            settings.log_retention_days,
            args.log_key_arn,
            self,
        )
        control_plane = self._control_plane(name, role, secrets_key, [attachment, logs])
        # A plain name has no dependency, so the name is an output of the kubeconfig.
        self.name = control_plane.kubeconfig_json.apply(lambda _: cell)
        self.security_group_id = control_plane.cluster_security_group_id
        self.log_group = logs.name
        self.kubeconfig = control_plane.kubeconfig_json

        self.access = access_entries(name, settings, args.admins, self.name, self)
        self.register_outputs(
            {
                "name": self.name,
                "security_group_id": self.security_group_id,
                "log_group": self.log_group,
                "kubeconfig": self.kubeconfig,
            }
        )

    def _secrets_key(self, name: str) -> aws.kms.Key:
        """Creates the KMS key that encrypts Kubernetes Secrets."""
        cell = self._args.context.cell
        key = aws.kms.Key(
            f"{name}-secrets",
            aws.kms.KeyArgs(
                description=f"Kubernetes secrets of {cell}",
                enable_key_rotation=True,
                deletion_window_in_days=self._args.cluster.secrets_key_deletion_days,
            ),
            opts=self._child,
        )
        aws.kms.Alias(
            f"{name}-secrets",
            aws.kms.AliasArgs(name=f"alias/eks/{cell}/secrets", target_key_id=key.key_id),
            opts=self._child,
        )
        return key

    def _control_plane(
        self,
        name: str,
        role: aws.iam.Role,
        secrets_key: aws.kms.Key,
        depends_on: Sequence[pulumi.Resource],
    ) -> eks.Cluster:
        """Creates the control plane only: node groups and add-ons are other components."""
        args, settings = self._args, self._args.cluster
        return eks.Cluster(
            name,
            eks.ClusterArgs(
                name=args.context.cell,
                version=settings.version,
                authentication_mode=eks.AuthenticationMode.API,
                service_role=role,
                vpc_id=args.vpc_id,
                subnet_ids=list(args.control_plane_subnet_ids.values()),
                endpoint_private_access=True,
                endpoint_public_access=bool(settings.public_access_cidrs),
                public_access_cidrs=list(settings.public_access_cidrs) or None,
                enabled_cluster_log_types=list(settings.log_types),
                encryption_config_key_arn=secrets_key.arn,
                deletion_protection=args.protected,
                upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
                tags=_deployer_tag(args.deployer),
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
                depends_on=depends_on,
                transforms=[control_plane_settings(settings)],
            ),
        )

    def _role(self, name: str) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        role = aws.iam.Role(
            f"{name}-role",
            aws.iam.RoleArgs(
                assume_role_policy=pulumi.Output.json_dumps(
                    trust("eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")
                ),
            ),
            opts=self._child,
        )
        attachment = aws.iam.RolePolicyAttachment(
            f"{name}-role-policy",
            aws.iam.RolePolicyAttachmentArgs(
                role=role.name, policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
            ),
            opts=self._child,
        )
        return role, attachment


def _deployer_tag(deployer: str | None) -> dict[str, str] | None:
    """Returns the tag with the deployer; None if AWS cannot store its ARN in a tag."""
    fits = len(deployer or "") <= MAX_TAG_VALUE
    return {DEPLOYER: deployer} if deployer and fits else None


def _credentials(args: ClusterArgs) -> eks.KubeconfigOptionsArgs | None:
    """Returns the credentials of the AWS provider for the kubeconfig; None: the default ones."""
    role = args.assume_roles[0].role_arn if args.assume_roles else None
    if role is None and args.profile is None:
        return None
    return eks.KubeconfigOptionsArgs(role_arn=role, profile_name=args.profile)
