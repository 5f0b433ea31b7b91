"""Is a zone in trouble?

What a zone's load balancer nodes and its pods do is published by zone. How many pods of an app are
ready in a zone is not: Container Insights knows no zones, so a query of its records tells.

HealthyHostCount of a zone is that of the targets in it, or what the load balancer's nodes of it see
of all targets: AWS does not say which while requests cross zones, and nobody has looked yet. The
query does not depend on it.
"""

from collections.abc import Iterator

from components.observability.dashboard.colors import BAD, GOOD, PLAIN, zone_color
from components.observability.dashboard.grid import Row, rows_of
from components.observability.dashboard.widgets import Graph, Limit, Line, Table, Widget
from components.observability.metric_sources import MetricSources
from core.facts import metrics
from core.log_queries import ready_pods


def zones(metric_sources: MetricSources) -> Iterator[Row]:
    """Ready pods of every app and nodes of every pool, then what is known of each exposed app."""
    yield from rows_of(
        [_ready(metric_sources), *(_pool(metric_sources, each) for each in metric_sources.pools)],
        3,
        7,
    )
    for app in metric_sources.target_groups:
        yield Row(
            [
                _hosts(metric_sources, app),
                _errors(metric_sources, app),
                _seconds(metric_sources, app),
            ]
        )


def _ready(metric_sources: MetricSources) -> Widget:
    query = ready_pods(metric_sources.region, [*metric_sources.apps])
    return Table(title=query.name, query=query, log_group=metric_sources.log_groups[query.group])


def _pool(metric_sources: MetricSources, pool: str) -> Widget:
    """Its groups and their bounds; a group whose zone is out has no lower one."""
    groups = {
        part: each for (own, part), each in metric_sources.scaling_groups.items() if own == pool
    }
    least = max(each.size.min for each in groups.values())
    most = max(each.size.max for each in groups.values())
    return Graph(
        title=f"pool {pool}: nodes that run",
        unit="nodes",
        lines=[
            Line(
                series=metric_sources.of_group(metrics.NODES_IN_SERVICE, pool, part, "Minimum"),
                label=part,
                color=zone_color(part),
            )
            for part in groups
        ],
        limits=[
            Limit(value=least, label=f"each at least {least}", color=GOOD),
            Limit(value=most, label=f"each at most {most}", color=BAD),
        ],
    )


def _hosts(metric_sources: MetricSources, app: str) -> Widget:
    """In each zone as many as the app has there at its minimum; of all as many as are needed."""
    settings = metric_sources.apps[app]
    least = settings.minimum_replicas(metric_sources.claimed) // metric_sources.claimed
    needed = settings.replicas.needed
    return Graph(
        title=f"{app}: healthy pods by zone",
        unit="pods",
        lines=[
            Line(series=metric_sources.hosts(app), label="all zones", color=PLAIN),
            *(
                Line(series=metric_sources.hosts(app, zone), label=zone, color=zone_color(zone))
                for zone in metric_sources.zones
            ),
        ],
        limits=[
            Limit(value=needed, label=f"all zones: {needed} are needed", color=BAD),
            *([Limit(value=least, label=f"each zone: {least} at least", color=GOOD)] * (least > 0)),
        ],
    )


def _errors(metric_sources: MetricSources, app: str) -> Widget:
    return Graph(
        title=f"{app}: 5xx by zone",
        unit="a minute",
        lines=[
            Line(series=metric_sources.errors(app, zone), label=zone, color=zone_color(zone))
            for zone in metric_sources.zones
        ],
    )


def _seconds(metric_sources: MetricSources, app: str) -> Widget:
    return Graph(
        title=f"{app}: p99 by zone, seconds",
        unit="s",
        lines=[
            Line(
                series=metric_sources.response_time(app, "p99", zone),
                label=zone,
                color=zone_color(zone),
            )
            for zone in metric_sources.zones
        ],
    )
