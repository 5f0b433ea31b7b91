"""The size of a running node group."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RunningSize:
    """The size of a node group in AWS, in nodes."""

    min: int
    """Minimum number of nodes."""
    desired: int
    """Desired number of nodes, which the Cluster Autoscaler controls."""
    max: int
    """Maximum number of nodes."""
