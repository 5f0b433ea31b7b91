"""The nodes: the managed node groups of every pool."""

from components.nodes.node_groups import NodeGroups, NodeGroupsArgs
from components.nodes.size import ScalingGroup

__all__ = ["NodeGroups", "NodeGroupsArgs", "ScalingGroup"]
