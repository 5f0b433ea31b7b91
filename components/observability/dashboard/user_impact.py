"""Dashboard section: are users affected?"""

from collections.abc import Iterator

from components.observability.dashboard.colors import BAD, BAD_INTERNAL, LATENCY
from components.observability.dashboard.grid import Row
from components.observability.dashboard.widgets import Formula, Graph, Limit, Line, Widget
from components.observability.metric_sources import MetricSources, TargetGroup
from core.facts import metrics


def user_impact_rows(sources: MetricSources) -> Iterator[Row]:
    """Yields the load balancers and the Route 53 health checks, then each exposed app."""
    if sources.exposed:
        yield Row([*_cell_graphs(sources)], 5)
    for group in sources.target_groups:
        yield Row(
            [_requests(sources, group), _errors(sources, group), _response_time(sources, group)]
        )


def _requests(sources: MetricSources, group: TargetGroup) -> Widget:
    line = Line(series=sources.requests(group), label="requests")
    return Graph(title=f"{group.title}: requests", unit="per minute", lines=[line])


def _errors(sources: MetricSources, group: TargetGroup) -> Widget:
    """Errors in percent of requests; minutes without requests have no value."""
    maximum = group.objective.error_percent
    return Graph(
        title=f"{group.title}: 5xx responses in percent of requests",
        unit="%",
        lines=[
            Line(series=sources.requests(group), label="requests", id="requests", visible=False),
            Line(series=sources.errors(group), label="5xx", id="errors", visible=False),
            # No error, no data: FILL makes it 0.
            Formula(expression="100 * FILL(errors, 0) / requests", label="5xx", color=BAD),
        ],
        limits=[Limit(value=maximum, label=f"objective: at most {maximum:g}%", color=BAD)],
    )


def _response_time(sources: MetricSources, group: TargetGroup) -> Widget:
    maximum = group.objective.p99_milliseconds / 1000
    return Graph(
        title=f"{group.title}: response time",
        unit="seconds",
        lines=[
            Line(series=sources.response_time(group, percentile), label=percentile, color=color)
            for percentile, color in LATENCY.items()
        ],
        limits=[Limit(value=maximum, label=f"objective: p99 at most {maximum:g}s", color=BAD)],
    )


def _cell_graphs(sources: MetricSources) -> Iterator[Widget]:
    yield Graph(
        title="load balancer: its own 5xx responses (no healthy pod, or timeout)",
        unit="per minute",
        lines=[
            Line(
                series=sources.load_balancer_series(metrics.LOAD_BALANCER_ERRORS, kind),
                label="5xx" if kind == "public" else "5xx (internal)",
                color=BAD if kind == "public" else BAD_INTERNAL,
            )
            for kind in sources.load_balancers
        ],
    )
    if sources.health_checks:
        yield Graph(
            title="Route 53 health checks (1: healthy, 0: unhealthy)",
            unit="status",
            lines=[
                Line(series=sources.health_check_series(app), label=app)
                for app in sources.health_checks
            ],
            region=metrics.ROUTE53_REGION,
        )
