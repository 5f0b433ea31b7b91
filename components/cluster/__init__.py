"""The EKS control plane and its access entries."""

from components.cluster.cluster import Cluster, ClusterArgs
from components.cluster.control_plane import control_plane_settings

__all__ = ["Cluster", "ClusterArgs", "control_plane_settings"]
