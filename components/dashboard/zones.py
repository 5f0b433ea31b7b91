"""Is a zone in trouble?

What a zone's load balancer nodes and its pods do is published by zone. How many pods of an app are
ready in a zone is not: Container Insights knows no zones, so a query of its records tells.

HealthyHostCount of a zone is that of the targets in it, or what the load balancer's nodes of it see
of all targets: AWS does not say which while requests cross zones, and nobody has looked yet. The
query does not depend on it.
"""

from collections.abc import Iterator

from components.dashboard.grid import Row
from components.dashboard.look import BAD, GOOD, PLAIN, zone_color
from components.dashboard.widgets import Formula, Graph, Limit, Line, Table, Widget
from components.watched import Watched
from core import metrics
from core.log_queries import ready_pods


def zones(watched: Watched) -> Iterator[Row]:
    """Nodes and ready pods of every app by zone, then what is known of each exposed app."""
    yield Row([_ready(watched), _nodes(watched)], 7)
    for app in watched.target_groups:
        yield Row([_hosts(watched, app), _errors(watched, app), _seconds(watched, app)])


def _ready(watched: Watched) -> Widget:
    query = ready_pods(watched.region, [*watched.apps])
    return Table(title=query.name, query=query, log_group=watched.log_groups[query.group])


def _nodes(watched: Watched) -> Widget:
    """All pools together; a group over all zones is a line of its own."""
    lines: list[Line | Formula] = []
    ids: dict[str, list[str]] = {}
    for number, (pool, part) in enumerate(watched.scaling_groups):
        series = watched.of_group(metrics.NODES_IN_SERVICE, pool, part, "Minimum")
        own = f"n{number}"
        lines.append(Line(series=series, label=f"{pool} {part}", id=own, visible=False))
        ids.setdefault(part, []).append(own)
    lines += [
        Formula(
            expression=f"SUM([{', '.join(each)}])",
            label=part,
            color=zone_color(part) if part in watched.zones else PLAIN,
        )
        for part, each in ids.items()
    ]
    return Graph(title="nodes that run, by zone", unit="nodes", lines=lines)


def _hosts(watched: Watched, app: str) -> Widget:
    """In each zone as many as the app has there at its minimum; of all as many as are needed."""
    settings = watched.apps[app]
    least = settings.least(watched.claimed) // watched.claimed
    needed = settings.replicas.needed
    return Graph(
        title=f"{app}: healthy pods by zone",
        unit="pods",
        lines=[
            Line(series=watched.hosts(app), label="all zones", color=PLAIN),
            *(
                Line(series=watched.hosts(app, zone), label=zone, color=zone_color(zone))
                for zone in watched.zones
            ),
        ],
        limits=[
            Limit(value=needed, label=f"all zones: {needed} are needed", color=BAD),
            Limit(value=least, label=f"each zone at the minimum: {least}", color=GOOD),
        ],
    )


def _errors(watched: Watched, app: str) -> Widget:
    return Graph(
        title=f"{app}: 5xx by zone",
        unit="a minute",
        lines=[
            Line(series=watched.errors(app, zone), label=zone, color=zone_color(zone))
            for zone in watched.zones
        ],
    )


def _seconds(watched: Watched, app: str) -> Widget:
    return Graph(
        title=f"{app}: p99 by zone, seconds",
        unit="s",
        lines=[
            Line(series=watched.response_time(app, "p99", zone), label=zone, color=zone_color(zone))
            for zone in watched.zones
        ],
    )
