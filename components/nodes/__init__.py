"""Nodes: the managed node groups of each pool."""

from components.nodes.auto_scaling_group import ScalingGroup
from components.nodes.node_groups import NodeGroups, NodeGroupsArgs

__all__ = ["NodeGroups", "NodeGroupsArgs", "ScalingGroup"]
