"""An application with everything that keeps it up."""

from components.app.app import App, AppArgs

__all__ = ["App", "AppArgs"]
