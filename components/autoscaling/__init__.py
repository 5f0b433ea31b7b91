"""Autoscaling: metrics-server, PriorityClasses, Cluster Autoscaler and descheduler."""

from components.autoscaling.autoscaling import Autoscaling, AutoscalingArgs
from components.overprovisioner import NAMESPACE as HEADROOM_NAMESPACE
from components.priority_classes import PriorityClasses

__all__ = ["HEADROOM_NAMESPACE", "Autoscaling", "AutoscalingArgs", "PriorityClasses"]
