"""The nodes: the managed node groups of every pool."""

from components.node_groups.node_groups import NodeGroups, NodeGroupsArgs
from components.node_groups.size import ScalingGroup

__all__ = ["NodeGroups", "NodeGroupsArgs", "ScalingGroup"]
