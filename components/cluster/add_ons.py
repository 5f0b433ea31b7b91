"""EKS managed add-ons: those that nodes need to join, and those that need nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.cell_context import ClusterContext
from components.pod_identity import pod_role
from core.facts.versions import ADD_ONS
from core.iam import Document
from core.merge import merged
from settings.cluster.add_ons import AddOnOverride


@dataclass(frozen=True, kw_only=True)
class AddOn:
    """An add-on of EKS, by its name there."""

    name: str
    """Name of the add-on, as `aws eks describe-addon-versions` lists it."""
    service_account: str | None = None
    """Service account that gets a role by EKS Pod Identity, if any."""
    policy: str | None = None
    """Managed policy of that role, by ARN."""
    rights: pulumi.Input[Document] | None = None
    """What that role may do beside; default: nothing."""
    configuration: Mapping[str, object] = field(default_factory=dict[str, object])
    """Configuration values; keys from the add-on's own schema only."""


BEFORE_NODES = (AddOn(name="kube-proxy"), AddOn(name="eks-pod-identity-agent"))
"""Daemon sets without which a node never becomes ready, as is vpc-cni, which comes with them. They
are active with no node at all."""

NODE_MONITORING = AddOn(name="eks-node-monitoring-agent")
"""Tells EKS's node repair what a kubelet does not see."""


@dataclass(frozen=True, kw_only=True)
class AddOnChoices:
    """What decides on the version and the configuration of every add-on of a cell."""

    kubernetes_version: str
    """Minor that versions are pinned for."""
    overrides: Mapping[str, AddOnOverride] = field(default_factory=dict[str, AddOnOverride])
    """The stack file's `cluster.addOns`."""

    def version(self, add_on: AddOn) -> str | None:
        """The stack file's version, or the pinned one; None: EKS's default."""
        own = self.overrides.get(add_on.name, AddOnOverride()).version
        return own or ADD_ONS[self.kubernetes_version].get(add_on.name)

    def configuration(self, add_on: AddOn) -> Mapping[str, object]:
        """The add-on's own configuration, with the stack file's over it."""
        own = self.overrides.get(add_on.name, AddOnOverride()).configuration
        return merged(add_on.configuration, own)


@dataclass(frozen=True, kw_only=True)
class AddOnsArgs:
    """What a phase of add-ons needs."""

    add_ons: Sequence[AddOn]
    """The add-ons of the phase."""
    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    choices: AddOnChoices
    """What decides on their versions and configurations."""


class AddOns(pulumi.ComponentResource):
    """EKS add-ons of one phase, each with its own role where it calls AWS."""

    add_ons: Sequence[aws.eks.Addon]
    """The add-ons, for those that have to come after them."""

    def __init__(
        self, name: str, args: AddOnsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:AddOns", name, None, opts)
        self.add_ons = [self._add_on(name, add_on, args) for add_on in args.add_ons]
        self.register_outputs({})

    def _add_on(self, name: str, add_on: AddOn, args: AddOnsArgs) -> aws.eks.Addon:
        identities: list[aws.eks.AddonPodIdentityAssociationArgs] = []
        attachments: list[pulumi.Resource] = []
        if add_on.service_account and add_on.policy:
            role, attachments = self._role(f"{name}-{add_on.name}", add_on.policy, add_on.rights)
            identities.append(
                aws.eks.AddonPodIdentityAssociationArgs(
                    role_arn=role.arn, service_account=add_on.service_account
                )
            )
        configuration = args.choices.configuration(add_on)
        return aws.eks.Addon(
            f"{name}-{add_on.name}",
            aws.eks.AddonArgs(
                cluster_name=args.context.cluster_name,
                addon_name=add_on.name,
                addon_version=args.choices.version(add_on),
                configuration_values=(
                    pulumi.Output.json_dumps(configuration, sort_keys=True)
                    if configuration
                    else None
                ),
                pod_identity_associations=identities or None,
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=attachments),
        )

    def _role(
        self, name: str, policy: str, rights: pulumi.Input[Document] | None
    ) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """A role, and all that it may do."""
        child = pulumi.ResourceOptions(parent=self)
        role = pod_role(name, child)
        may: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                name,
                aws.iam.RolePolicyAttachmentArgs(role=role.name, policy_arn=policy),
                opts=child,
            )
        ]
        if rights is not None:
            document = pulumi.Output.json_dumps(rights)
            may.append(
                aws.iam.RolePolicy(
                    name, aws.iam.RolePolicyArgs(role=role.name, policy=document), opts=child
                )
            )
        return role, may
