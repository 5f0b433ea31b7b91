"""Dashboard section: do the controllers work?"""

from collections.abc import Iterator

from components.observability.dashboard.colors import BAD, GOOD, NEUTRAL, zone_color
from components.observability.dashboard.grid import Row, rows_of
from components.observability.dashboard.widgets import Graph, Line, Widget
from components.observability.metric_sources import MetricSources
from core.facts import metrics
from core.tags import SPANNING

_AUTOSCALER_LABELS = {
    metrics.AUTOSCALER_UNSCHEDULABLE: "no scale-up for a pending pod",
    metrics.AUTOSCALER_ERRORS: "errors",
}
"""Label of each metric filter on the log of the Cluster Autoscaler."""


def controller_rows(sources: MetricSources) -> Iterator[Row]:
    """Yields restarts, nodes, Cluster Autoscaler, cron jobs, Kubernetes API and NAT gateways."""
    yield from rows_of([*_graphs(sources)], 3)


def _graphs(sources: MetricSources) -> Iterator[Widget]:
    yield Graph(
        title="container restarts by app",
        unit="per minute",
        lines=[
            Line(series=sources.workload_series(metrics.RESTARTS, name, name, "Sum"), label=name)
            for name in sources.apps
        ],
    )
    failed = sources.cluster_series(metrics.FAILED_NODES, "Maximum")
    total = sources.cluster_series(metrics.NODES, "Maximum")
    ready = sources.cluster_series(metrics.READY_NODES, "Sum")
    yield Graph(
        title="nodes: total, ready, and unreachable or under pressure",
        unit="nodes",
        lines=[
            Line(series=total, label="total", color=NEUTRAL),
            Line(series=ready, label="ready", color=GOOD),
            Line(series=failed, label="unreachable or under pressure", color=BAD),
        ],
    )
    yield Graph(
        title="Cluster Autoscaler: log lines",
        unit="per minute",
        lines=[
            Line(series=sources.log_series(name), label=label)
            for name, label in _AUTOSCALER_LABELS.items()
        ],
    )
    if sources.cron_jobs:
        yield Graph(
            title="cron jobs: jobs that succeeded or failed",
            unit="per minute",
            lines=[
                Line(series=sources.cron_job_series(condition, name), label=f"{name} {label}")
                for name in sources.cron_jobs
                for condition, label in (("Complete", "succeeded"), ("Failed", "failed"))
            ],
        )
    failures = {"5xx": metrics.API_ERRORS, "429 (throttled)": metrics.API_THROTTLED}
    yield Graph(
        title="Kubernetes API: failed and throttled requests",
        unit="per minute",
        lines=[
            Line(series=sources.cluster_series(metric, "Sum"), label=label)
            for label, metric in failures.items()
        ],
    )
    yield Graph(
        title="Kubernetes API: p99 response time by verb",
        unit="seconds",
        lines=[
            Line(series=sources.cluster_series(metric, "Average"), label=verb)
            for verb, metric in metrics.API_LATENCY.items()
        ],
    )
    if gateways := sorted(sources.nat_gateways):
        labels = gateways if len(gateways) > 1 else [SPANNING]
        yield Graph(
            title="NAT gateways: connections without a free port",
            unit="per minute",
            lines=[
                Line(series=sources.nat_gateway_series(zone), label=label, color=zone_color(label))
                for zone, label in zip(gateways, labels, strict=True)
            ],
        )
