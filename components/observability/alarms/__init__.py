"""Alarms of a cell, their SNS topics and subscribers."""

from components.observability.alarms.alarms import Alarms, AlarmsArgs

__all__ = ["Alarms", "AlarmsArgs"]
