"""The Auto Scaling group that EKS creates for a managed node group."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws import autoscaling

from components.nodes.node_group_size import Size


@dataclass(frozen=True, kw_only=True)
class ScalingGroup:
    """The Auto Scaling group of a node group."""

    name: pulumi.Output[str]
    """Name that EKS generates."""
    size: Size
    """Limits of the number of nodes."""


def scaling_group_name(group: aws.eks.NodeGroup) -> pulumi.Output[str]:
    """Returns the name of the Auto Scaling group of a node group."""
    return group.resources[0].autoscaling_groups[0].name


def scaling_group_pattern(logical_name: str) -> str:
    """Returns a regular expression for the name of the Auto Scaling group of a node group.

    Pulumi appends seven hexadecimal digits to the node group's logical name. EKS adds the prefix
    eks- and a UUID.
    """
    return f"^eks-{logical_name}-[0-9a-f]{{7}}-[0-9a-f-]{{36}}$"


def scaling_group_tags(
    name: str,
    group: aws.eks.NodeGroup,
    tags: Mapping[str, tuple[str, str]],
    opts: pulumi.ResourceOptions,
) -> None:
    """Tags the Auto Scaling group, because the tags of a node group do not propagate to it.

    `tags` are key and value, by a part of the logical name. The Cluster Autoscaler needs no tags:
    for a group without nodes, it reads labels and taints from EKS.
    docs/decisions/0017-empty-node-groups-need-no-autoscaler-tags.md
    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/README.md
    """
    for part, (key, value) in tags.items():
        autoscaling.Tag(
            f"{name}-{part}",
            autoscaling.TagArgs(
                autoscaling_group_name=scaling_group_name(group),
                tag=autoscaling.TagTagArgs(key=key, value=value, propagate_at_launch=False),
            ),
            opts=opts,
        )
