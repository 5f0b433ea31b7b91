"""The nodes: the managed node groups of every pool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi_aws import autoscaling, ec2

from components.cell_context import ClusterContext
from components.nodes.group import group_args, scaling_group
from components.nodes.launch_template import launch_template
from components.nodes.size import ScalingGroup, size_of
from core.iam import trust
from core.tags import CELL, POOL, ZONE
from settings.node_replacement import Replacement
from settings.pool.pools import Pool

_NODE_POLICIES = {
    "worker": "AmazonEKSWorkerNodePolicy",
    "pull": "AmazonEC2ContainerRegistryPullOnly",
    "ssm": "AmazonSSMManagedInstanceCore",
}
"""What a node may do. The CNI has its own role, by Pod Identity."""

KEPT = ["amiType", "capacityType", "instanceTypes", "subnetIds"]
"""Inputs of a node group whose change replaces it: `make replace-nodes` does, nothing else."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupsArgs:
    """What the node groups of a cell need."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    pools: Mapping[str, Pool]
    """The pools of the stack file, by name."""
    kubernetes_version: str
    """Minor of the nodes' AMI."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Private subnet of each zone."""
    zones_in: Sequence[str]
    """The zones that are there: those that are out hold no nodes."""
    egress: Mapping[str, Sequence[pulumi.Resource]]
    """What makes each zone's subnet reach AWS: a node that cannot never joins."""
    before_nodes: Sequence[pulumi.Resource]
    """Add-ons without which a node never becomes ready."""
    tags: Mapping[str, str]
    """Tags of the stack file: the provider's do not reach what EKS and EC2 launch."""
    running: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Nodes that each group which runs is to have now, by pool and zone: those groups are updated
    one after the other. New ones are made at once."""
    replacing: Replacement | None = None
    """Which group is being replaced, if any."""


class NodeGroups(pulumi.ComponentResource):
    """The node groups of every pool: one a zone, updated zone after zone, or one over all."""

    groups: Sequence[aws.eks.NodeGroup]
    """Every node group, for those that have to come after the nodes."""
    scaling_groups: dict[tuple[str, str], ScalingGroup]
    """The Auto Scaling group of each, by pool and zone, or SPANNING for one over all."""
    spot_groups: Sequence[str]
    """Patterns of the names of Auto Scaling groups of spot instances, each for one group."""

    def __init__(
        self, name: str, args: NodeGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:NodeGroups", name, None, opts)
        self._name, self._args = name, args
        role, attachments = self._role()
        groups: list[aws.eks.NodeGroup] = []
        self.scaling_groups = {}
        for pool_name, pool in args.pools.items():
            template = launch_template(
                f"{name}-{pool_name}",
                pool,
                {
                    **args.tags,
                    CELL: args.context.cell,
                    POOL: pool_name,
                    "Name": f"{args.context.cell}-{pool_name}",
                },
                pulumi.ResourceOptions(parent=self),
            )
            before: Sequence[pulumi.Resource] = attachments
            for part, zones in pool.node_groups([*args.subnet_ids]).items():
                runs = (pool_name, part) in args.running
                after = before if runs else attachments
                group = self._group(pool_name, pool, part, zones, role, template, after)
                if runs:
                    # Zone after zone: an update of one is finished before the next begins.
                    before = [*attachments, group]
                groups.append(group)
                self.scaling_groups[pool_name, part] = ScalingGroup(
                    name=_scaling_group(group),
                    size=size_of(pool, part, [*args.subnet_ids], args.zones_in),
                )
        self.groups = groups
        self.spot_groups = [
            scaling_group(f"{name}-{pool_name}-{part}")
            for pool_name, pool in args.pools.items()
            for part in pool.node_groups([*args.subnet_ids])
            if pool.capacity_type == "SPOT"
        ]
        self.register_outputs({})

    def _role(self) -> tuple[aws.iam.Role, Sequence[pulumi.Resource]]:
        role = aws.iam.Role(
            f"{self._name}-role",
            aws.iam.RoleArgs(
                assume_role_policy=pulumi.Output.json_dumps(trust("ec2.amazonaws.com"))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        attachments = [
            aws.iam.RolePolicyAttachment(
                f"{self._name}-role-{purpose}",
                aws.iam.RolePolicyAttachmentArgs(
                    role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{policy}"
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for purpose, policy in _NODE_POLICIES.items()
        ]
        return role, attachments

    def _group(
        self,
        pool_name: str,
        pool: Pool,
        part: str,
        zones: Sequence[str],
        role: aws.iam.Role,
        template: ec2.LaunchTemplate,
        before: Sequence[pulumi.Resource],
    ) -> aws.eks.NodeGroup:
        """One node group, what it draws on before it, and its Auto Scaling group's tags after."""
        args, name = self._args, f"{self._name}-{pool_name}-{part}"
        shown = f"{args.context.cell}-{pool_name}-{part}"
        size = size_of(pool, part, [*args.subnet_ids], args.zones_in)
        running = args.running.get((pool_name, part), size.initial)
        # EKS takes no minimum above what a group is to have now, and no maximum below it.
        sized = running != size.nearest(running)
        group = aws.eks.NodeGroup(
            name,
            group_args(
                pool_name=pool_name,
                pool=pool,
                zones=len(zones),
                size=size,
                desired=size.nearest(running) if sized else size.initial,
                cluster_name=args.context.cluster_name,
                kubernetes_version=args.kubernetes_version,
                subnet_ids=[args.subnet_ids[zone] for zone in zones],
                role=role,
                template=template,
                tags={"Name": shown, POOL: pool_name, ZONE: part},
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *before,
                    *args.before_nodes,
                    *(each for zone in zones for each in args.egress[zone]),
                    *(
                        self._reservation(pool_name, pool, zone)
                        for zone in zones
                        if _reserves(pool)
                    ),
                ],
                ignore_changes=_ignored(name, args.replacing, sized),
                retain_on_delete=_retained(name, args.replacing),
            ),
        )
        self._tag(name, group, {"cell": (CELL, args.context.cell), "name": ("Name", shown)})
        return group

    def _reservation(self, pool_name: str, pool: Pool, zone: str) -> ec2.CapacityReservation:
        """Capacity that instances of its type and zone use by themselves."""
        return ec2.CapacityReservation(
            f"{self._name}-{pool_name}-{zone}",
            ec2.CapacityReservationArgs(
                availability_zone=zone,
                instance_type=pool.instance_types[0],
                instance_platform="Linux/UNIX",
                instance_count=pool.per_zone.reserved,
                instance_match_criteria="open",
                tenancy="default",
                end_date_type="unlimited",
                tags={"Name": f"{self._args.context.cell}-{pool_name}-{zone}"},
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _tag(
        self, name: str, group: aws.eks.NodeGroup, tags: Mapping[str, tuple[str, str]]
    ) -> None:
        """Tags of the Auto Scaling group, to which those of the node group do not propagate.

        The Cluster Autoscaler needs none: what a group without nodes would have, it asks of EKS.
        https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/README.md
        """
        for what, (key, value) in tags.items():
            autoscaling.Tag(
                f"{name}-{what}",
                autoscaling.TagArgs(
                    autoscaling_group_name=_scaling_group(group),
                    tag=autoscaling.TagTagArgs(key=key, value=value, propagate_at_launch=False),
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )


def _scaling_group(group: aws.eks.NodeGroup) -> pulumi.Output[str]:
    return group.resources[0].autoscaling_groups[0].name


def _ignored(group: str, replacing: Replacement | None, sized: bool) -> list[str]:
    """Inputs that a running node group keeps, whatever the stack file says."""
    # The autoscaler decides, once the group is there, within what the stack file allows.
    ignored = [] if sized else ["scalingConfig.desiredSize"]
    # Pulumi would make all new groups first and then delete the old, draining for minutes only.
    return ignored if replacing == Replacement(step="create", group=group) else ignored + KEPT


def _retained(group: str, replacing: Replacement | None) -> bool | None:
    """Whether the node group stays in AWS when it leaves the state: it is drained first."""
    return True if replacing == Replacement(step="retain", group=group) else None


def _reserves(pool: Pool) -> bool:
    return pool.per_zone.reserved > 0
