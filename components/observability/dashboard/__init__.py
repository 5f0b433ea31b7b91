"""What people look at when something is wrong with a cell."""

from components.observability.dashboard.dashboard import Dashboard, DashboardArgs

__all__ = ["Dashboard", "DashboardArgs"]
