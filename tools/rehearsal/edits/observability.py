"""Edits of logs and traces: the log archive, and logs and traces of an app."""

from tools.rehearsal.edits.apps import main_app_section
from tools.rehearsal.edits.edit import Config, Edit

_AGENTS = "observability-amazon-cloudwatch-observability"
_ARCHIVE = "Bucket* observability-archive"


def add_archive(config: Config) -> None:
    """Adds a log archive of 7,300 days without deletion protection.

    CloudWatch retains logs for at most 3,653 days.
    """
    config.setdefault("ha-eks:observability", {})["archive"] = {
        "days": 7300,
        "deletionProtection": False,
    }


ADD_ARCHIVE = Edit(
    name="add a log archive",
    change=add_archive,
    expected=(f"create {_ARCHIVE}", f"create RolePolicy {_AGENTS}", f"update Addon {_AGENTS}"),
)


def remove_archive(config: Config) -> None:
    """Removes the log archive and its content."""
    del config["ha-eks:observability"]["archive"]


REMOVE_ARCHIVE = Edit(
    name="remove the log archive",
    change=remove_archive,
    expected=(f"update Addon {_AGENTS}", f"delete RolePolicy {_AGENTS}", f"delete {_ARCHIVE}"),
)


def disable_logs(config: Config) -> None:
    """Turns off the collection of the main app's logs."""
    main_app_section(config)["logs"] = {"collected": False}


DISABLE_LOGS = Edit(
    name="turn off the logs of an app",
    change=disable_logs,
    expected=("update Deployment APP",),
)


def join_stack_traces(config: Config) -> None:
    """Turns on the collection of the main app's logs, with joined stack traces."""
    main_app_section(config)["logs"] = {"multiline": "go"}


JOIN_STACK_TRACES = Edit(
    name="turn on the logs of the app, with joined stack traces",
    change=join_stack_traces,
    expected=("update Deployment APP", f"update Addon {_AGENTS}"),
)


def is_only_traced_app(config: Config) -> bool:
    """True if the main app is traced, and no other app is."""
    traced = [app for app in config["ha-eks:apps"].values() if app.get("traced")]
    return traced == [main_app_section(config)]


def disable_tracing(config: Config) -> None:
    """Turns off tracing of the main app, which is the only traced one."""
    app = main_app_section(config)
    app["traced"] = False
    app["args"] = [each for each in app.get("args", ()) if "OTEL_SERVICE_NAME" not in each]


DISABLE_TRACING = Edit(
    name="turn off tracing of the last traced app",
    change=disable_tracing,
    applies=is_only_traced_app,
    expected=(
        "update Deployment APP",
        "update NetworkPolicy APP",
        f"update Addon {_AGENTS}",
        "delete Group tracing",
        "delete SamplingRule tracing",
    ),
)


def has_no_traced_app(config: Config) -> bool:
    """True if no app is traced."""
    return not any(app.get("traced") for app in config["ha-eks:apps"].values())


def enable_tracing(config: Config) -> None:
    """Turns on tracing of the main app."""
    main_app_section(config)["traced"] = True


ENABLE_TRACING = Edit(
    name="turn on tracing of an app",
    change=enable_tracing,
    applies=has_no_traced_app,
    expected=(
        "update Deployment APP",
        "update NetworkPolicy APP",
        f"update Addon {_AGENTS}",
        "create Group tracing",
        "create SamplingRule tracing",
    ),
)
