"""Autoscaling: metrics-server, PriorityClasses, Cluster Autoscaler and descheduler."""

from components.autoscaling.autoscaling import Autoscaling, AutoscalingArgs
from components.priority_classes import PriorityClasses

__all__ = ["Autoscaling", "AutoscalingArgs", "PriorityClasses"]
