"""Apps: Kubernetes objects and IAM roles."""

from components.app.app import App, AppArgs
from components.app.migration import MIGRATIONS, Migrations

__all__ = ["MIGRATIONS", "App", "AppArgs", "Migrations"]
