"""Formats the logs, traces and alarms of a stack for preview, with the price of logs."""

from collections import Counter

from core.facts.prices import REGION
from core.facts.prices.logs import log_gb
from settings import Settings
from settings.cluster.cluster import Cluster
from settings.reading.wording import counted
from tools.recording import Recording

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"


def observability_lines(recording: Recording) -> list[str]:
    """Returns one line each for control-plane logs, other logs, traces if any, and alarms."""
    settings = recording.settings
    lines = [
        f"control plane logs: {_control_plane(settings.cluster)}",
        f"node and pod logs: {_collected(settings)}"
        f"{_retention(settings.observability.log_retention_days)}{_archived(settings)}",
    ]
    if settings.traced_apps:
        percent = settings.observability.traces.sampled_percent
        lines.append(f"traces: {percent:g}% of requests to {', '.join(settings.traced_apps)}")
    return [*lines, f"alarms: {_alarms(recording)}; {_subscribers(settings)}"]


def _control_plane(cluster: Cluster) -> str:
    types = ", ".join(cluster.log_types)
    return f"{types}{_retention(cluster.log_retention_days)}" if types else "none"


def _retention(days: int) -> str:
    price = f"${log_gb(days):.2f} per GB in {REGION} (ingestion and storage)"
    return f"; retention {days} days; {price}"


def _collected(settings: Settings) -> str:
    excluded = [name for name, app in settings.workloads.items() if not app.logs.collected]
    return f"all except {', '.join(excluded)}" if excluded else "all"


def _archived(settings: Settings) -> str:
    archive = settings.observability.archive
    return f"; archived in S3 for {archive.days} days" if archive else ""


def _alarms(recording: Recording) -> str:
    alarms = recording.of_type(_ALARM)
    composites, dashboards = len(recording.of_type(_COMPOSITE)), len(recording.of_type(_DASHBOARD))
    return (
        f"{counted(len(alarms), 'metric alarm')}, {counted(composites, 'composite alarm')}; "
        f"dashboard: {dashboards}"
    )


def _subscribers(settings: Settings) -> str:
    counts = Counter(each.protocol for each in settings.observability.alarms.subscriptions)
    protocols = [f"{count} {protocol}" for protocol, count in sorted(counts.items())]
    return f"subscribers: {', '.join(protocols) or 'none'}"
