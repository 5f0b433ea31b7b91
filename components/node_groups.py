"""The nodes: a managed node group for every pool and zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws import ec2

from components.labels import POOL
from core import tags
from core.iam import trust
from settings.pools import Pool
from settings.replacement import Replacement

_NODE_POLICIES = {
    "worker": "AmazonEKSWorkerNodePolicy",
    "pull": "AmazonEC2ContainerRegistryPullOnly",
    "ssm": "AmazonSSMManagedInstanceCore",
}
"""What a node may do. The CNI has its own role, by Pod Identity."""

KEPT = ["amiType", "capacityType", "instanceTypes", "subnetIds"]
"""Inputs of a node group whose change replaces it: `make replace-nodes` does, nothing else."""

_ROOT_DEVICE = {"AL2023": "/dev/xvda", "BOTTLEROCKET": "/dev/xvdb"}
"""Device that holds images and containers; Bottlerocket keeps its system on another."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupsArgs:
    """What the node groups of a cell need."""

    pools: Mapping[str, Pool]
    """The pools of the stack file, by name."""
    cluster_name: pulumi.Input[str]
    """Name of the cluster, taken from the cluster itself so that order holds."""
    kubernetes_version: str
    """Minor of the nodes' AMI."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Private subnet of each zone."""
    egress: Mapping[str, Sequence[pulumi.Resource]]
    """What makes each zone's subnet reach AWS: a node that cannot never joins."""
    before_nodes: Sequence[pulumi.Resource]
    """Add-ons without which a node never becomes ready."""
    replacing: Replacement | None = None
    """Which group is being replaced, if any."""


class NodeGroups(pulumi.ComponentResource):
    """A managed node group for every pool and zone, updated zone after zone."""

    groups: Sequence[aws.eks.NodeGroup]
    """Every node group, for those that have to come after the nodes."""

    def __init__(
        self, name: str, args: NodeGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:NodeGroups", name, None, opts)
        role, attachments = self._role(name)
        groups: list[aws.eks.NodeGroup] = []
        for pool_name, pool in args.pools.items():
            template = self._launch_template(f"{name}-{pool_name}", pool)
            before: list[pulumi.Resource] = []
            for zone, subnet_id in args.subnet_ids.items():
                full_name = f"{name}-{pool_name}-{zone}"
                group = aws.eks.NodeGroup(
                    full_name,
                    _group_args(args, pool_name, pool, zone, subnet_id, role, template),
                    opts=pulumi.ResourceOptions(
                        parent=self,
                        # Zone after zone: an update of one is finished before the next begins.
                        depends_on=[
                            *attachments,
                            *args.before_nodes,
                            *args.egress[zone],
                            *before,
                        ],
                        ignore_changes=_ignored(full_name, args.replacing),
                        retain_on_delete=_retained(full_name, args.replacing),
                    ),
                )
                before = [group]
                groups.append(group)
        self.groups = groups
        self.register_outputs({})

    def _role(self, name: str) -> tuple[aws.iam.Role, Sequence[pulumi.Resource]]:
        role = aws.iam.Role(
            f"{name}-role",
            aws.iam.RoleArgs(
                assume_role_policy=pulumi.Output.json_dumps(trust("ec2.amazonaws.com"))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        attachments = [
            aws.iam.RolePolicyAttachment(
                f"{name}-role-{purpose}",
                aws.iam.RolePolicyAttachmentArgs(
                    role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}"
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for purpose, policy in _NODE_POLICIES.items()
        ]
        return role, attachments

    def _launch_template(self, name: str, pool: Pool) -> ec2.LaunchTemplate:
        """What a change of rolls in place; the AMI stays on the group, where EKS chooses it."""
        single = pool.instance_types[0] if len(pool.instance_types) == 1 else None
        device = _ROOT_DEVICE[pool.ami_type.split("_")[0]]
        tags = {"Name": name}
        return ec2.LaunchTemplate(
            name,
            ec2.LaunchTemplateArgs(
                instance_type=single,
                update_default_version=True,
                block_device_mappings=[
                    ec2.LaunchTemplateBlockDeviceMappingArgs(
                        device_name=device,
                        ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                            volume_type="gp3",
                            volume_size=pool.disk_gib,
                            encrypted="true",
                            delete_on_termination="true",
                        ),
                    )
                ],
                # One hop: pods cannot take the node's credentials.
                metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                    http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
                ),
                tag_specifications=[
                    ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
                    for kind in ("instance", "volume", "network-interface")
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _group_args(
    args: NodeGroupsArgs,
    pool_name: str,
    pool: Pool,
    zone: str,
    subnet_id: pulumi.Input[str],
    role: aws.iam.Role,
    template: ec2.LaunchTemplate,
) -> aws.eks.NodeGroupArgs:
    size = pool.per_zone
    mixed = len(pool.instance_types) > 1
    return aws.eks.NodeGroupArgs(
        cluster_name=args.cluster_name,
        node_role_arn=role.arn,
        subnet_ids=[subnet_id],
        version=args.kubernetes_version,
        release_version=pool.release_version,
        ami_type=pool.ami_type,
        capacity_type=pool.capacity_type,
        instance_types=list(pool.instance_types) if mixed else None,
        launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
            id=template.id, version=template.latest_version.apply(str)
        ),
        scaling_config=aws.eks.NodeGroupScalingConfigArgs(
            min_size=size.min,
            max_size=size.max,
            desired_size=size.min if size.initial is None else size.initial,
        ),
        update_config=aws.eks.NodeGroupUpdateConfigArgs(
            max_unavailable_percentage=pool.max_unavailable_percentage
        ),
        node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
        labels={**pool.labels, POOL: pool_name},
        taints=[
            aws.eks.NodeGroupTaintArgs(key=taint.key, value=taint.value, effect=taint.effect)
            for taint in pool.taints
        ],
        tags={"Name": f"{pool_name}-{zone}", tags.POOL: pool_name, tags.ZONE: zone},
    )


def _ignored(group: str, replacing: Replacement | None) -> list[str]:
    """Inputs that a running node group keeps, whatever the stack file says."""
    # The autoscaler decides, once the group is there.
    ignored = ["scalingConfig.desiredSize"]
    # Pulumi would make all new groups first and then delete the old, draining for minutes only.
    return ignored if replacing == Replacement(step="create", group=group) else ignored + KEPT


def _retained(group: str, replacing: Replacement | None) -> bool | None:
    """Whether the node group stays in AWS when it leaves the state: it is drained first."""
    return True if replacing == Replacement(step="retain", group=group) else None
