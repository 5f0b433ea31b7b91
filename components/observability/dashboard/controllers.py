"""Does the machinery work?"""

from collections.abc import Iterator

from components.observability.dashboard.colors import BAD, PLAIN, zone_color
from components.observability.dashboard.grid import Row, rows_of
from components.observability.dashboard.widgets import Graph, Line, Widget
from components.observability.metric_sources import MetricSources
from core.facts import metrics
from core.tags import SPANNING

AUTOSCALER = {
    metrics.AUTOSCALER_UNSCHEDULABLE: "pods without a node",
    metrics.AUTOSCALER_ERRORS: "errors",
}
"""What metric filters count of the autoscaler's log, and what it is."""


def machinery(metric_sources: MetricSources) -> Iterator[Row]:
    """What brings nodes and starts pods, and what all of it asks."""
    yield from rows_of([*_parts(metric_sources)], 3)


def _parts(metric_sources: MetricSources) -> Iterator[Widget]:
    yield Graph(
        title="containers that were started anew, by app",
        unit="a minute",
        lines=[
            Line(series=metric_sources.of_workload(metrics.RESTARTS, name, name, "Sum"), label=name)
            for name in metric_sources.apps
        ],
    )
    failed = metric_sources.of_cluster(metrics.FAILED_NODES, "Maximum")
    every = metric_sources.of_cluster(metrics.NODES, "Maximum")
    yield Graph(
        title="nodes: all, and those not ready or short of something",
        unit="nodes",
        lines=[
            Line(series=every, label="all", color=PLAIN),
            Line(series=failed, label="failed", color=BAD),
        ],
    )
    yield Graph(
        title="autoscaler: lines of its log",
        unit="a minute",
        lines=[
            Line(series=metric_sources.logged(name), label=each)
            for name, each in AUTOSCALER.items()
        ],
    )
    asked = {"5xx": metrics.API_ERRORS, "429 (too many)": metrics.API_THROTTLED}
    yield Graph(
        title="Kubernetes API: requests that failed or were turned away",
        unit="a minute",
        lines=[
            Line(series=metric_sources.of_cluster(metric, "Sum"), label=label)
            for label, metric in asked.items()
        ],
    )
    yield Graph(
        title="Kubernetes API: p99 by verb, seconds",
        unit="s",
        lines=[
            Line(series=metric_sources.of_cluster(metric, "Average"), label=verb)
            for verb, metric in metrics.API_SECONDS.items()
        ],
    )
    if gateways := sorted(metric_sources.nat_gateways):
        parts = gateways if len(gateways) > 1 else [SPANNING]
        yield Graph(
            title="NAT gateways: connections without a port",
            unit="a minute",
            lines=[
                Line(series=metric_sources.of_nat(zone), label=part, color=zone_color(part))
                for zone, part in zip(gateways, parts, strict=True)
            ],
        )
