"""EKS managed add-ons."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.cell_context import ClusterContext
from components.pod_identity import pod_role
from core.facts.versions.add_ons import ADD_ONS
from core.iam import Document
from core.merge import merged
from settings.cluster.add_ons import AddOnOverride


@dataclass(frozen=True, kw_only=True)
class AddOn:
    """An EKS add-on."""

    name: str
    """Name of the add-on, as `aws eks describe-addon-versions` lists it."""
    service_account: str | None = None
    """Service account that gets an IAM role by EKS Pod Identity; default: none."""
    policy: str | None = None
    """ARN of the managed policy of that role."""
    inline_policy: pulumi.Input[Document] | None = None
    """Inline policy of that role; default: none."""
    configuration: Mapping[str, object] = field(default_factory=dict[str, object])
    """Configuration values; keys from the schema of the add-on only."""
    configuration_of: Callable[[str], Mapping[str, object]] = lambda version: {}
    """Further configuration values by version, with keys that not every version has."""


BEFORE_NODES = (AddOn(name="kube-proxy"), AddOn(name="eks-pod-identity-agent"))
"""Daemon sets that a node requires to become ready, besides vpc-cni. These add-ons are active
without nodes."""

NODE_MONITORING = AddOn(name="eks-node-monitoring-agent")
"""Reports conditions to EKS node repair that the kubelet does not detect."""


@dataclass(frozen=True, kw_only=True)
class AddOnSettings:
    """Versions and configurations of the add-ons of a cell."""

    kubernetes_version: str
    """Kubernetes minor version, such as 1.36, for which add-on versions are pinned."""
    overrides: Mapping[str, AddOnOverride] = field(default_factory=dict[str, AddOnOverride])
    """The `cluster.addOns` section of the stack file, by add-on."""

    def version(self, add_on: AddOn) -> str | None:
        """Returns the version of the stack file, or the pinned version; None without either."""
        override = self.overrides.get(add_on.name, AddOnOverride())
        return override.version or ADD_ONS[self.kubernetes_version].get(add_on.name)

    def configuration(
        self, add_on: AddOn, version: str, configuration: Mapping[str, object]
    ) -> str | None:
        """Returns the JSON of the configuration, overridden by that of the stack file, or None.

        `configuration` is the configuration of the add-on with the values of its outputs.
        """
        override = self.overrides.get(add_on.name, AddOnOverride())
        own = merged(configuration, add_on.configuration_of(version))
        found = merged(own, override.configuration)
        return json.dumps(found, sort_keys=True) if found else None


@dataclass(frozen=True, kw_only=True)
class AddOnsArgs:
    """Arguments of AddOns."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    add_ons: Sequence[AddOn]
    """The add-ons to install."""
    add_on_settings: AddOnSettings
    """Versions and configurations of the add-ons."""


class AddOns(pulumi.ComponentResource):
    """Creates EKS add-ons, and an IAM role for each add-on that calls AWS."""

    add_ons: Sequence[aws.eks.Addon]
    """The add-ons, for resources that depend on them."""

    def __init__(
        self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:AddOns", name, None, opts)
        self.add_ons = [self._add_on(name, add_on, args) for add_on in args.add_ons]
        self.register_outputs({})

    def _add_on(self, name: str, add_on: AddOn, args: AddOnsArgs) -> aws.eks.Addon:
        associations: list[aws.eks.AddonPodIdentityAssociationArgs] = []
        policies: list[pulumi.Resource] = []
        if add_on.service_account and add_on.policy:
            role, policies = self._role(f"{name}-{add_on.name}", add_on.policy, add_on)
            associations.append(
                aws.eks.AddonPodIdentityAssociationArgs(
                    role_arn=role.arn, service_account=add_on.service_account
                )
            )
        version = self._chosen_version(add_on, args)
        return aws.eks.Addon(
            f"{name}-{add_on.name}",
            aws.eks.AddonArgs(
                cluster_name=args.context.cluster_name,
                addon_name=add_on.name,
                addon_version=version,
                configuration_values=pulumi.Output.all(version, add_on.configuration).apply(
                    lambda values: args.add_on_settings.configuration(add_on, *values)
                ),
                pod_identity_associations=associations or None,
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=policies),
        )

    def _chosen_version(self, add_on: AddOn, args: AddOnsArgs) -> pulumi.Output[str]:
        """Returns the version of the stack file, the pinned version, or the default of EKS.

        The default is read for the Kubernetes version of the stack file. Therefore an upgrade of
        Kubernetes, or a new default of EKS, is a change of the add-on.
        """
        pinned = args.add_on_settings.version(add_on)
        if pinned:
            return pulumi.Output.from_input(pinned)
        return aws.eks.get_addon_version_output(
            addon_name=add_on.name,
            kubernetes_version=args.add_on_settings.kubernetes_version,
            most_recent=False,
            opts=pulumi.InvokeOutputOptions(parent=self),
        ).version

    def _role(
        self, name: str, policy_arn: str, add_on: AddOn
    ) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """Creates the role of an add-on; returns the role and its policies."""
        child = pulumi.ResourceOptions(parent=self)
        role = pod_role(name, child)
        policies: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                name,
                aws.iam.RolePolicyAttachmentArgs(role=role.name, policy_arn=policy_arn),
                opts=child,
            )
        ]
        if add_on.inline_policy is not None:
            document = pulumi.Output.json_dumps(add_on.inline_policy)
            policies.append(
                aws.iam.RolePolicy(
                    name, aws.iam.RolePolicyArgs(role=role.name, policy=document), opts=child
                )
            )
        return role, policies
