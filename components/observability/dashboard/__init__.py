"""Dashboard of a cell, to find the cause of an incident."""

from components.observability.dashboard.dashboard import Dashboard, DashboardArgs

__all__ = ["Dashboard", "DashboardArgs"]
