"""Logs, metrics, traces, alarms and the dashboard of a cell."""
