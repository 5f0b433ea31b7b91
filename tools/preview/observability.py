"""What preview says of logs, traces and alarms, and what they cost."""

from collections import Counter
from typing import Any, cast

from core.facts.prices import REGION, cloudwatch
from settings import Settings
from settings.cluster.cluster import Cluster
from tools.recording import Recording

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"


def watch_lines(recording: Recording) -> list[str]:
    """What is kept of what happens, what a GB of it costs, and who is told."""
    settings = recording.settings
    lines = [
        f"logs of the control plane: {_control_plane(settings.cluster)}",
        f"logs of nodes and pods: {_collected(settings)}"
        f"{_kept(settings.observability.log_retention_days)}{_archived(settings)}",
    ]
    if settings.traced:
        percent = settings.observability.traces.sampled_percent
        lines.append(f"traces: {percent:g} % of the requests to {', '.join(settings.traced)}")
    return [*lines, f"watched by {_alarms(recording)}; {_told(settings)}"]


def _control_plane(cluster: Cluster) -> str:
    types = ", ".join(cluster.log_types)
    return f"{types}{_kept(cluster.log_retention_days)}" if types else "none"


def _kept(days: int) -> str:
    return f", kept {days} days, each GB {cloudwatch.log_gb(days):.2f} $ in {REGION}"


def _collected(settings: Settings) -> str:
    out = [name for name, app in settings.apps.items() if not app.logs.collected]
    return f"all but of {', '.join(out)}" if out else "all"


def _archived(settings: Settings) -> str:
    archive = settings.observability.archive
    return f", in a bucket for {archive.days}" if archive else ""


def _alarms(recording: Recording) -> str:
    alarms = recording.of_type(_ALARM)
    composites, dashboards = len(recording.of_type(_COMPOSITE)), len(recording.of_type(_DASHBOARD))
    metrics = sum(_metrics_of(cast("dict[str, Any]", each.inputs)) for each in alarms)
    month = (
        metrics * cloudwatch.ALARM_METRIC_MONTH
        + composites * cloudwatch.COMPOSITE_MONTH
        + dashboards * cloudwatch.DASHBOARD_MONTH
    )
    return (
        f"{len(alarms)} alarms on {metrics} metrics, {composites} composites and "
        f"{dashboards} dashboard, {month:.2f} $ a month in {REGION}"
    )


def _metrics_of(alarm: dict[str, Any]) -> int:  # Any: inputs are JSON of any shape
    queries = alarm.get("metricQueries")
    return sum("metric" in each for each in queries) if queries else 1


def _told(settings: Settings) -> str:
    by = Counter(each.protocol for each in settings.observability.alarms.subscriptions)
    told = " and ".join(f"{count} by {protocol}" for protocol, count in sorted(by.items()))
    return f"told are {told}" if told else "nobody is told"
