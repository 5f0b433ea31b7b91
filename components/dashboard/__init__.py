"""What people look at when something is wrong with a cell."""

from components.dashboard.dashboard import Dashboard, DashboardArgs

__all__ = ["Dashboard", "DashboardArgs"]
