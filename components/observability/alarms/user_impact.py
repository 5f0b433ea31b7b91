"""Alarms that say: users are hurt. They stop experiments and rollouts."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources
from core.facts import metrics
from settings.app.apps import App
from settings.app.connections import Objective


def impact(metric_sources: MetricSources) -> Iterator[Alarm]:
    """Those of every exposed app, and of the load balancer."""
    objectives: list[Objective] = []
    for name in metric_sources.target_groups:
        app = metric_sources.apps[name]
        if app.expose:
            objectives.append(app.expose.objective)
            yield from _of_app(metric_sources, name, app, app.expose.objective)
    yield _of_balancer(metric_sources, min(each.error_percent for each in objectives))


def _of_app(
    metric_sources: MetricSources, name: str, app: App, objective: Objective
) -> Iterator[Alarm]:
    seconds, needed = objective.p99_milliseconds / 1000, app.replicas.needed
    yield Alarm(
        key=f"app/{name}/errors",
        kind="impact",
        says=f"More than {objective.error_percent:g} % of the answers of {name} have a status of "
        "500 and above. Look at its logs, and at what was rolled out last.",
        section="errors-of-an-app",
        watches=Math(
            expression="100 * FILL(errors, 0) / requests",
            series={
                "errors": metric_sources.errors(name),
                "requests": metric_sources.requests(name),
            },
        ),
        comparison=">",
        threshold=objective.error_percent,
        periods=5,
        datapoints=3,
        missing="notBreaching",
    )
    yield Alarm(
        key=f"app/{name}/latency",
        kind="impact",
        says=f"1 of 100 requests to {name} is answered after more than {seconds:g} s. Look at its "
        "CPU, and at what it waits for.",
        section="latency-of-an-app",
        watches=metric_sources.response_time(name, "p99"),
        comparison=">",
        threshold=seconds,
        periods=5,
        datapoints=3,
        missing="notBreaching",
    )
    yield Alarm(
        key=f"app/{name}/slow",
        kind="impact",
        says=f"A request to {name} is answered after more than {seconds:g} s on average: what 99 "
        "of 100 are to keep to. Look at its CPU, and at what it waits for.",
        section="latency-of-an-app",
        watches=metric_sources.response_time(name, "Average"),
        comparison=">",
        threshold=seconds,
        periods=3,
        missing="notBreaching",
    )
    yield Alarm(
        key=f"app/{name}/hosts",
        kind="impact",
        says=f"{name} has fewer healthy pods than the {needed} that carry its usual load. Look at "
        f"its pods: kubectl -n {name} get pods -o wide.",
        section="healthy-pods-of-an-app",
        watches=metric_sources.hosts(name),
        comparison="<",
        threshold=needed,
        periods=3,
        # Without any target the metric is silent.
        missing="breaching",
    )


def _of_balancer(metric_sources: MetricSources, percent: float) -> Alarm:
    return Alarm(
        key="balancer/errors",
        kind="impact",
        says=f"The load balancer itself answers more than {percent:g} % of all requests with a "
        "status of 500 and above: there is no healthy pod, or none answers in time.",
        section="errors-of-the-load-balancer",
        watches=Math(
            expression="100 * FILL(errors, 0) / (FILL(requests, 0) + FILL(errors, 0))",
            series={
                "errors": metric_sources.of_balancer(metrics.BALANCER_ERRORS),
                "requests": metric_sources.of_balancer(metrics.REQUESTS),
            },
        ),
        comparison=">",
        threshold=percent,
        periods=5,
        datapoints=3,
        missing="notBreaching",
    )
