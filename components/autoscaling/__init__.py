"""What lets the cell grow and shrink: metrics, priorities, the Cluster Autoscaler, headroom."""

from components.autoscaling.autoscaling import Autoscaling, AutoscalingArgs
from components.autoscaling.priority_classes import PriorityClasses
from components.overprovisioner import NAMESPACE as HEADROOM_NAMESPACE

__all__ = ["HEADROOM_NAMESPACE", "Autoscaling", "AutoscalingArgs", "PriorityClasses"]
