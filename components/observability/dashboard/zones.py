"""Dashboard section: is one zone failing?

The metrics of load balancer and node groups have a dimension for the zone. Container Insights has
none, so a table with a log query shows the ready pods of each app and zone.

AWS does not document the meaning of HealthyHostCount per zone while load balancing crosses zones:
targets in the zone, or all targets as seen by the load balancer nodes in the zone. This was not
tried on AWS. The log query does not depend on it.
"""

from collections.abc import Iterator

from components.observability.dashboard.colors import BAD, GOOD, NEUTRAL, zone_color
from components.observability.dashboard.grid import Row, rows_of
from components.observability.dashboard.widgets import Graph, Limit, Line, Table, Widget
from components.observability.metric_sources import MetricSources, TargetGroup
from core.facts import metrics
from core.log_queries import ready_pods_by_zone


def zone_rows(sources: MetricSources) -> Iterator[Row]:
    """Yields ready pods of all apps, nodes of all pools, then each exposed app by zone."""
    yield from rows_of(
        [_ready_pods(sources), *(_pool_nodes(sources, each) for each in sources.pools)], 3, 7
    )
    for group in sources.target_groups:
        yield Row(
            [
                _healthy_hosts(sources, group),
                _errors(sources, group),
                _response_time(sources, group),
            ]
        )


def _ready_pods(sources: MetricSources) -> Widget:
    query = ready_pods_by_zone(sources.region, [*sources.apps])
    return Table(title=query.name, query=query, log_group=sources.log_groups[query.log_group])


def _pool_nodes(sources: MetricSources, pool: str) -> Widget:
    """Nodes of each node group; a zone of `network.zonesOut` has a minimum of zero."""
    groups = {part: group for (name, part), group in sources.scaling_groups.items() if name == pool}
    minimum = max(group.size.min for group in groups.values())
    maximum = max(group.size.max for group in groups.values())
    return Graph(
        title=f"pool {pool}: nodes in service",
        unit="nodes",
        lines=[
            Line(
                series=sources.node_group_series(metrics.NODES_IN_SERVICE, pool, part, "Minimum"),
                label=part,
                color=zone_color(part),
            )
            for part in groups
        ],
        limits=[
            Limit(value=minimum, label=f"minimum per node group: {minimum}", color=GOOD),
            Limit(value=maximum, label=f"maximum per node group: {maximum}", color=BAD),
        ],
    )


def _healthy_hosts(sources: MetricSources, group: TargetGroup) -> Widget:
    """Healthy pods, with limits: needed in all zones, and expected in each zone."""
    settings = sources.apps[group.app]
    expected = settings.minimum_replicas(sources.effective_zones) // sources.effective_zones
    needed = settings.needed
    in_each_zone = Limit(
        value=expected, label=f"expected in each zone: at least {expected}", color=GOOD
    )
    return Graph(
        title=f"{group.title}: healthy pods by zone",
        unit="pods",
        lines=[
            Line(series=sources.healthy_hosts(group), label="all zones", color=NEUTRAL),
            *(
                Line(series=sources.healthy_hosts(group, zone), label=zone, color=zone_color(zone))
                for zone in sources.zones
            ),
        ],
        limits=[
            Limit(value=needed, label=f"needed in all zones together: {needed}", color=BAD),
            *([in_each_zone] if expected else []),
        ],
    )


def _errors(sources: MetricSources, group: TargetGroup) -> Widget:
    return Graph(
        title=f"{group.title}: 5xx responses by zone",
        unit="per minute",
        lines=[
            Line(series=sources.errors(group, zone), label=zone, color=zone_color(zone))
            for zone in sources.zones
        ],
    )


def _response_time(sources: MetricSources, group: TargetGroup) -> Widget:
    return Graph(
        title=f"{group.title}: p99 response time by zone",
        unit="seconds",
        lines=[
            Line(
                series=sources.response_time(group, "p99", zone), label=zone, color=zone_color(zone)
            )
            for zone in sources.zones
        ],
    )
