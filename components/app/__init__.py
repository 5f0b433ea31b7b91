"""An application with everything that keeps it up."""

from components.app.app import App, AppArgs
from components.app.telemetry import Telemetry

__all__ = ["App", "AppArgs", "Telemetry"]
