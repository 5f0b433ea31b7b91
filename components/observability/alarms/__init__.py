"""Alarms, and who is told."""

from components.observability.alarms.alarms import Alarms, AlarmsArgs

__all__ = ["Alarms", "AlarmsArgs"]
