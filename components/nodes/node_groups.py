"""Managed node groups: one per pool and zone, or one per pool over all zones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi_aws import ec2

from components.cell_context import ClusterContext
from components.nodes.auto_scaling_group import (
    ScalingGroup,
    scaling_group_name,
    scaling_group_pattern,
    scaling_group_tags,
)
from components.nodes.capacity_reservation import capacity_reservation
from components.nodes.launch_template import launch_template
from components.nodes.node_group import node_group_args
from components.nodes.node_group_size import Size, size_of
from components.nodes.node_role import node_role
from core.availability.allocatable import allocatable_storage
from core.facts.accelerators import RESOURCES
from core.node_group_size import RunningSize
from core.tags import CELL, POOL, RESOURCE, SPANNING, STORAGE, ZONE
from settings.node_replacement import Replacement
from settings.pool.pools import Pool

_REPLACING_INPUTS = ["amiType", "capacityType", "instanceTypes", "subnetIds"]
"""Inputs whose change would replace a node group. Only `make replace-nodes` changes them."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupsArgs:
    """Arguments of NodeGroups."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    pools: Mapping[str, Pool]
    """Pools of the stack file, by name."""
    kubernetes_version: str
    """Kubernetes minor version of the nodes' AMI."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Private subnet of each zone."""
    zones_in: Sequence[str]
    """Zones with nodes; zones that are out have none."""
    egress: Mapping[str, Sequence[pulumi.Resource]]
    """Resources by which the subnet of each zone reaches AWS. Nodes cannot join without them."""
    before_nodes: Sequence[pulumi.Resource]
    """Resources that exist before the first node: the add-ons that it requires to become ready, and
    the access policies of administrators, which take effect while nodes start."""
    tags: Mapping[str, str]
    """Tags of the stack file for instances, volumes and network interfaces, because EKS and EC2
    launch them without the default tags of the AWS provider."""
    running: Mapping[tuple[str, str], RunningSize] = field(
        default_factory=dict[tuple[str, str], RunningSize]
    )
    """Size of each running node group, by pool and zone. Running groups are updated one after the
    other, and new ones are created at the same time."""
    replacing: Replacement | None = None
    """Step of `make replace-nodes` that is running; default: none."""


@dataclass(frozen=True, kw_only=True)
class _NodeGroup:
    """A node group to be created."""

    logical_name: str
    label: str
    """Value of the tag Name."""
    pool_name: str
    pool: Pool
    part: str
    """The zone of the group, or SPANNING."""
    zones: Sequence[str]
    size: Size


class NodeGroups(pulumi.ComponentResource):
    """Creates the node groups of every pool, with one launch template per pool."""

    groups: Sequence[aws.eks.NodeGroup]
    """All node groups, for resources that need nodes."""
    scaling_groups: dict[tuple[str, str], ScalingGroup]
    """Auto Scaling group of each node group, by pool and zone (SPANNING for all zones)."""
    arns: Mapping[tuple[str, str], pulumi.Output[str]]
    """ARN of each node group, by pool and zone (SPANNING for all zones)."""
    spot_groups: Sequence[str]
    """Regular expressions for the names of Auto Scaling groups with spot instances, one each."""

    def __init__(
        self, name: str, args: NodeGroupsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:NodeGroups", name, None, opts)
        self._name, self._args = name, args
        self._role, attachments = node_role(f"{name}-role", pulumi.ResourceOptions(parent=self))
        self.groups, self.scaling_groups = [], {}
        for pool_name, pool in args.pools.items():
            template = self._launch_template(pool_name, pool)
            depends_on: Sequence[pulumi.Resource] = attachments
            for spec in self._node_groups(pool_name, pool):
                running = (pool_name, spec.part) in args.running
                group = self._create(spec, template, depends_on if running else attachments)
                if running:  # an update of one zone finishes before that of the next one starts
                    depends_on = [*attachments, group]
                self.groups = [*self.groups, group]
                self.scaling_groups[pool_name, spec.part] = ScalingGroup(
                    name=scaling_group_name(group), size=spec.size
                )
        self.arns = {
            key: group.arn for key, group in zip(self.scaling_groups, self.groups, strict=True)
        }
        self.spot_groups = [
            scaling_group_pattern(spec.logical_name)
            for pool_name, pool in args.pools.items()
            for spec in self._node_groups(pool_name, pool)
            if pool.capacity_type == "SPOT"
        ]
        self.register_outputs({})

    def scaling_groups_in(self, zone: str) -> Sequence[pulumi.Output[str]]:
        """Returns the names of the Auto Scaling groups that launch nodes in a zone."""
        parts = (zone, SPANNING)
        return [group.name for (_, part), group in self.scaling_groups.items() if part in parts]

    def _node_groups(self, pool_name: str, pool: Pool) -> Iterator[_NodeGroup]:
        """Yields the node groups of a pool, in the order of their updates."""
        args = self._args
        all_zones = [*args.subnet_ids]
        for part, zones in pool.node_groups(all_zones).items():
            yield _NodeGroup(
                logical_name=f"{self._name}-{pool_name}-{part}",
                label=f"{args.context.cell}-{pool_name}-{part}",
                pool_name=pool_name,
                pool=pool,
                part=part,
                zones=zones,
                size=size_of(pool, part, all_zones, args.zones_in),
            )

    def _launch_template(self, pool_name: str, pool: Pool) -> ec2.LaunchTemplate:
        cell = self._args.context.cell
        name = {"Name": f"{cell}-{pool_name}"}
        return launch_template(
            f"{self._name}-{pool_name}",
            pool,
            {**self._args.tags, CELL: cell, POOL: pool_name, **name},
            pulumi.ResourceOptions(parent=self),
        )

    def _create(
        self, spec: _NodeGroup, template: ec2.LaunchTemplate, depends_on: Sequence[pulumi.Resource]
    ) -> aws.eks.NodeGroup:
        """Creates a node group after its capacity reservations, and tags its Auto Scaling group."""
        args, name, size = self._args, spec.logical_name, spec.size
        running = args.running.get((spec.pool_name, spec.part))
        # The provider sends the sizes together: with new limits, it would send an old desired size.
        new_limits = running is not None and (running.min, running.max) != (size.min, size.max)
        group = aws.eks.NodeGroup(
            name,
            node_group_args(
                pool_name=spec.pool_name,
                pool=spec.pool,
                zones=len(spec.zones),
                size=size,
                desired=size.nearest(running.desired) if running and new_limits else size.initial,
                cluster_name=args.context.cluster_name,
                kubernetes_version=args.kubernetes_version,
                subnet_ids=[args.subnet_ids[zone] for zone in spec.zones],
                role=self._role,
                template=template,
                tags={
                    "Name": spec.label,
                    POOL: spec.pool_name,
                    ZONE: spec.part,
                    STORAGE: f"{allocatable_storage(spec.pool.disk_gib)}Mi",
                    **_accelerator_tag(spec.pool),
                },
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[
                    *depends_on,
                    *args.before_nodes,
                    *(resource for zone in spec.zones for resource in args.egress[zone]),
                    *self._capacity_reservations(spec),
                ],
                ignore_changes=_ignored_inputs(name, args.replacing, new_limits),
                retain_on_delete=_retained(name, args.replacing),
            ),
        )
        tags = {"cell": (CELL, args.context.cell), "name": ("Name", spec.label)}
        scaling_group_tags(name, group, tags, pulumi.ResourceOptions(parent=self))
        return group

    def _capacity_reservations(self, spec: _NodeGroup) -> Iterator[ec2.CapacityReservation]:
        for zone in spec.zones if spec.pool.per_zone.reserved else ():
            yield capacity_reservation(
                f"{self._name}-{spec.pool_name}-{zone}",
                spec.pool,
                zone,
                f"{self._args.context.cell}-{spec.pool_name}-{zone}",
                pulumi.ResourceOptions(parent=self),
            )


def _accelerator_tag(pool: Pool) -> Mapping[str, str]:
    """Returns the tag with the fewest accelerators of a node of the pool; empty without any."""
    if pool.device is None:
        return {}
    return {f"{RESOURCE}{RESOURCES[pool.device]}": f"{pool.accelerators}"}


def _ignored_inputs(group: str, replacing: Replacement | None, new_limits: bool) -> list[str]:
    """Returns the inputs whose changes Pulumi ignores.

    The Cluster Autoscaler controls the desired size, unless the limits change.
    Pulumi would replace a node group by deleting the old group within minutes, in all zones at
    once: `make replace-nodes` drains them zone by zone instead.
    docs/decisions/0026-pulumi-sends-the-current-desired-size-with-new-limits.md
    """
    ignored = [] if new_limits else ["scalingConfig.desiredSize"]
    if replacing == Replacement(step="create", group=group):
        return ignored
    return ignored + _REPLACING_INPUTS


def _retained(group: str, replacing: Replacement | None) -> bool | None:
    """Returns True if the node group leaves the state but stays in AWS until it is drained.

    docs/decisions/0018-a-replaced-node-group-leaves-the-state-before-its-deletion.md
    """
    return True if replacing == Replacement(step="retain", group=group) else None
