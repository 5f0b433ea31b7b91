"""Alarms, and who is told."""

from components.alarms.alarms import Alarms, AlarmsArgs

__all__ = ["Alarms", "AlarmsArgs"]
