"""Config keys of apps."""

from settings.stack import NAMESPACE


def app_key(name: str, path: str = "") -> str:
    """Returns the config key of an app, or of a path below the app: `ha-eks:apps.web.port`."""
    return f"{NAMESPACE}:apps.{name}{path and '.'}{path}"
