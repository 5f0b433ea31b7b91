"""The arguments of a managed node group."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws
from pulumi_aws import ec2, eks

from components.nodes.node_group_size import Size
from core.facts.accelerators import GPU_LABEL, GPU_PRESENT_LABEL
from core.labels import POOL
from settings.pool.node_maintenance import Repair, Update, WarmPool
from settings.pool.pools import Pool


def node_group_args(
    *,
    pool_name: str,
    pool: Pool,
    zones: int,
    size: Size,
    desired: int,
    cluster_name: pulumi.Input[str],
    kubernetes_version: str,
    subnet_ids: Sequence[pulumi.Input[str]],
    role: aws.iam.Role,
    template: ec2.LaunchTemplate,
    tags: Mapping[str, str],
) -> eks.NodeGroupArgs:
    """Returns the arguments of a node group over `zones` zones with `desired` nodes."""
    return eks.NodeGroupArgs(
        cluster_name=cluster_name,
        node_role_arn=role.arn,
        subnet_ids=subnet_ids,
        version=kubernetes_version,
        release_version=pool.release_version,
        ami_type=pool.ami,
        capacity_type=pool.capacity_type,
        instance_types=list(pool.instance_types) if pool.mixed else None,
        launch_template=eks.NodeGroupLaunchTemplateArgs(
            id=template.id, version=template.latest_version.apply(str)
        ),
        scaling_config=eks.NodeGroupScalingConfigArgs(
            min_size=size.min, max_size=size.max, desired_size=desired
        ),
        update_config=_update(pool.update),
        node_repair_config=_repair(pool.repair),
        warm_pool_config=_warm_pool(pool.warm_pool, zones) if pool.warm_pool else None,
        labels={**pool.labels, **_device_labels(pool), POOL: pool_name},
        taints=[
            eks.NodeGroupTaintArgs(key=taint.key, value=taint.value, effect=taint.effect)
            for taint in pool.all_taints
        ],
        tags=tags,
    )


def _device_labels(pool: Pool) -> Mapping[str, str]:
    """Returns labels by which the Cluster Autoscaler and the device plugin recognize GPUs."""
    if pool.device != "gpu":
        return {}
    return {GPU_LABEL: "nvidia", **({GPU_PRESENT_LABEL: "true"} if pool.plugin else {})}


def _update(update: Update) -> eks.NodeGroupUpdateConfigArgs:
    return eks.NodeGroupUpdateConfigArgs(
        max_unavailable=update.max_unavailable,
        max_unavailable_percentage=update.percentage,
        update_strategy=update.strategy,
    )


def _repair(repair: Repair) -> eks.NodeGroupNodeRepairConfigArgs:
    return eks.NodeGroupNodeRepairConfigArgs(
        enabled=repair.enabled,
        max_parallel_nodes_repaired_count=repair.max_parallel_count,
        max_parallel_nodes_repaired_percentage=repair.max_parallel_percentage,
        max_unhealthy_node_threshold_count=repair.max_unhealthy_count,
        max_unhealthy_node_threshold_percentage=repair.max_unhealthy_percentage,
    )


def _warm_pool(warm: WarmPool, zones: int) -> eks.NodeGroupWarmPoolConfigArgs:
    # -1 removes the limit: an absent value would leave an earlier limit in place.
    prepared = -1 if warm.max_prepared is None else warm.max_prepared * zones
    return eks.NodeGroupWarmPoolConfigArgs(
        min_size=warm.min * zones,
        max_group_prepared_capacity=prepared,
        pool_state=warm.state,
        reuse_on_scale_in=warm.reuse_on_scale_in,
    )
