"""Apps: Kubernetes objects and IAM roles."""

from components.app.app import App, AppArgs

__all__ = ["App", "AppArgs"]
