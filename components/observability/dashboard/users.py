"""Are users hurt?"""

from collections.abc import Iterator

from components.observability.dashboard.colors import BAD, LATENCY
from components.observability.dashboard.grid import Row
from components.observability.dashboard.widgets import Formula, Graph, Limit, Line, Widget
from components.observability.metric_sources import MetricSources
from core.facts import metrics
from settings.app.connections import Objective

ROUTE53_REGION = "us-east-1"
"""Where Route 53 has its metrics."""


def users(metric_sources: MetricSources) -> Iterator[Row]:
    """What the load balancer and Route 53 see of the whole, and each exposed app."""
    yield Row([*_whole(metric_sources)], 5)
    for app in metric_sources.target_groups:
        yield Row(
            [
                _requests(metric_sources, app),
                _errors(metric_sources, app),
                _seconds(metric_sources, app),
            ]
        )


def _requests(metric_sources: MetricSources, app: str) -> Widget:
    line = Line(series=metric_sources.requests(app), label="requests")
    return Graph(title=f"{app}: requests", unit="a minute", lines=[line])


def _errors(metric_sources: MetricSources, app: str) -> Widget:
    """The minutes without a request have no share; those without an error publish none."""
    most = _objective(metric_sources, app).error_percent
    return Graph(
        title=f"{app}: 5xx in percent of requests",
        unit="%",
        lines=[
            Line(
                series=metric_sources.requests(app), label="requests", id="requests", visible=False
            ),
            Line(series=metric_sources.errors(app), label="5xx", id="errors", visible=False),
            Formula(expression="100 * FILL(errors, 0) / requests", label="5xx", color=BAD),
        ],
        limits=[Limit(value=most, label=f"objective: {most:g} % at most", color=BAD)],
    )


def _seconds(metric_sources: MetricSources, app: str) -> Widget:
    most = _objective(metric_sources, app).p99_milliseconds / 1000
    return Graph(
        title=f"{app}: seconds until it answers",
        unit="s",
        lines=[
            Line(series=metric_sources.response_time(app, each), label=each, color=color)
            for each, color in LATENCY.items()
        ],
        limits=[Limit(value=most, label=f"objective: p99 within {most:g} s", color=BAD)],
    )


def _objective(metric_sources: MetricSources, app: str) -> Objective:
    expose = metric_sources.apps[app].expose
    assert expose, "only exposed apps have a target group"
    return expose.objective


def _whole(metric_sources: MetricSources) -> Iterator[Widget]:
    yield Graph(
        title="load balancer: 5xx of its own (no pod, or no answer in time)",
        unit="a minute",
        lines=[
            Line(series=metric_sources.of_balancer(metrics.BALANCER_ERRORS), label="5xx", color=BAD)
        ],
    )
    if metric_sources.health_checks:
        yield Graph(
            title="Route 53: 1 while it finds the cell healthy",
            unit="1 or 0",
            lines=[
                Line(series=metric_sources.of_health(app), label=app)
                for app in metric_sources.health_checks
            ],
            region=ROUTE53_REGION,
        )
