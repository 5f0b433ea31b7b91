"""Edits of what is collected: the archive, an app's logs and its traces."""

from tools.rehearsal.edits.apps import app_at_root
from tools.rehearsal.edits.edit import Config, Edit

_AGENTS = "observability-amazon-cloudwatch-observability"
_ARCHIVE = "Bucket* observability-archive"


def archive_on(config: Config) -> None:
    """Logs are kept for ten years more than CloudWatch may keep them, and go with the cell."""
    config.setdefault("ha-eks:observability", {})["archive"] = {
        "days": 7300,
        "deletionProtection": False,
    }


ARCHIVE_ON = Edit(
    name="an archive of logs",
    change=archive_on,
    may=(f"create {_ARCHIVE}", f"create RolePolicy {_AGENTS}", f"update Addon {_AGENTS}"),
)


def archive_off(config: Config) -> None:
    """The archive goes, and what is in it."""
    del config["ha-eks:observability"]["archive"]


ARCHIVE_OFF = Edit(
    name="the archive gone",
    change=archive_off,
    may=(f"update Addon {_AGENTS}", f"delete RolePolicy {_AGENTS}", f"delete {_ARCHIVE}"),
)


def silent(config: Config) -> None:
    """Nobody collects the logs of the app at "/"."""
    app_at_root(config)["logs"] = {"collected": False}


SILENT = Edit(name="an app's logs left out", change=silent, may=("update Deployment APP",))


def joined(config: Config) -> None:
    """The logs of the app at "/" are collected again, and its stack traces joined."""
    app_at_root(config)["logs"] = {"multiline": "go"}


JOINED = Edit(
    name="an app's stack traces joined",
    change=joined,
    may=("update Deployment APP", f"update Addon {_AGENTS}"),
)


def is_traced(config: Config) -> bool:
    """Whether the app at "/" is traced, and it alone."""
    traced = [app for app in config["ha-eks:apps"].values() if app.get("traced")]
    return traced == [app_at_root(config)]


def untraced(config: Config) -> None:
    """The app at "/" is not traced any more, and no app is."""
    app = app_at_root(config)
    app["traced"] = False
    app["args"] = [each for each in app.get("args", ()) if "OTEL_SERVICE_NAME" not in each]


UNTRACED = Edit(
    name="no app traced any more",
    change=untraced,
    fits=is_traced,
    may=(
        "update Deployment APP",
        "update NetworkPolicy APP",
        f"update Addon {_AGENTS}",
        "delete Group tracing",
        "delete SamplingRule tracing",
    ),
)


def is_not_traced(config: Config) -> bool:
    """Whether no app is traced."""
    return not any(app.get("traced") for app in config["ha-eks:apps"].values())


def traced(config: Config) -> None:
    """The app at "/" is traced."""
    app_at_root(config)["traced"] = True


TRACED = Edit(
    name="an app traced",
    change=traced,
    fits=is_not_traced,
    may=(
        "update Deployment APP",
        "update NetworkPolicy APP",
        f"update Addon {_AGENTS}",
        "create Group tracing",
        "create SamplingRule tracing",
    ),
)
