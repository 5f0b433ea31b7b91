"""Are users hurt?"""

from collections.abc import Iterator

from components.dashboard.grid import Row
from components.dashboard.look import BAD, LATENCY
from components.dashboard.widgets import Formula, Graph, Limit, Line, Widget
from components.watched import Watched
from core import metrics
from settings.connections import Objective

ROUTE53_REGION = "us-east-1"
"""Where Route 53 has its metrics."""


def users(watched: Watched) -> Iterator[Row]:
    """What the load balancer and Route 53 see of the whole, and each exposed app."""
    yield Row([*_whole(watched)], 5)
    for app in watched.target_groups:
        yield Row([_requests(watched, app), _errors(watched, app), _seconds(watched, app)])


def _requests(watched: Watched, app: str) -> Widget:
    line = Line(series=watched.requests(app), label="requests")
    return Graph(title=f"{app}: requests", unit="a minute", lines=[line])


def _errors(watched: Watched, app: str) -> Widget:
    """The minutes without a request have no share; those without an error publish none."""
    most = _objective(watched, app).error_percent
    return Graph(
        title=f"{app}: 5xx in percent of requests",
        unit="%",
        lines=[
            Line(series=watched.requests(app), label="requests", id="requests", visible=False),
            Line(series=watched.errors(app), label="5xx", id="errors", visible=False),
            Formula(expression="100 * FILL(errors, 0) / requests", label="5xx", color=BAD),
        ],
        limits=[Limit(value=most, label=f"objective: {most:g} % at most", color=BAD)],
    )


def _seconds(watched: Watched, app: str) -> Widget:
    most = _objective(watched, app).p99_milliseconds / 1000
    return Graph(
        title=f"{app}: seconds until it answers",
        unit="s",
        lines=[
            Line(series=watched.response_time(app, each), label=each, color=color)
            for each, color in LATENCY.items()
        ],
        limits=[Limit(value=most, label=f"objective: p99 within {most:g} s", color=BAD)],
    )


def _objective(watched: Watched, app: str) -> Objective:
    expose = watched.apps[app].expose
    assert expose, "only exposed apps have a target group"
    return expose.objective


def _whole(watched: Watched) -> Iterator[Widget]:
    yield Graph(
        title="load balancer: 5xx of its own (no pod, or no answer in time)",
        unit="a minute",
        lines=[Line(series=watched.of_balancer(metrics.BALANCER_ERRORS), label="5xx", color=BAD)],
    )
    if watched.health_checks:
        yield Graph(
            title="Route 53: 1 while it finds the cell healthy",
            unit="1 or 0",
            lines=[Line(series=watched.of_health(app), label=app) for app in watched.health_checks],
            region=ROUTE53_REGION,
        )
