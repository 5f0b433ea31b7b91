"""Impact alarms: users are affected. Their composite alarm stops experiments and rollouts."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources
from core.facts import metrics
from settings.workload.connections import Objective


def impact_alarms(sources: MetricSources) -> Iterator[Alarm]:
    """Yields the impact alarms of each exposed app and of the load balancer."""
    for name, expose in sources.exposed.items():
        yield from _app_alarms(sources, name, sources.apps[name].needed, expose.objective)
    if sources.exposed:
        percents = [expose.objective.error_percent for expose in sources.exposed.values()]
        yield _load_balancer_errors(sources, min(percents))


def _app_alarms(
    sources: MetricSources, name: str, needed: int, objective: Objective
) -> Iterator[Alarm]:
    seconds = objective.p99_milliseconds / 1000
    yield Alarm(
        key=f"app/{name}/errors",
        kind="impact",
        description=f"App {name} answers more than {objective.error_percent:g}% of its requests "
        "with status 500 or above. Users see errors. If the errors began with a rollout, roll it "
        "back.",
        first_check=f"kubectl -n {name} logs -l app.kubernetes.io/name={name} --prefix --tail=50",
        section="app-errors",
        value=Math(
            expression="100 * FILL(errors, 0) / requests",
            series={"errors": sources.errors(name), "requests": sources.requests(name)},
        ),
        comparison=">",
        threshold=objective.error_percent,
        periods=5,
        datapoints=3,
        missing_data="notBreaching",
    )
    yield Alarm(
        key=f"app/{name}/latency",
        kind="impact",
        description=f"The 99th percentile of the response time of app {name} is above {seconds:g}s."
        " At least 1% of the requests take longer than the objective allows. Usual causes: CPU, a "
        "slow dependency, or a rollout.",
        first_check=f"kubectl -n {name} top pods",
        section="app-latency",
        value=sources.response_time(name, "p99"),
        comparison=">",
        threshold=seconds,
        periods=5,
        datapoints=3,
        missing_data="notBreaching",
    )
    yield Alarm(
        key=f"app/{name}/slow",
        kind="impact",
        description=f"The average response time of app {name} is above {seconds:g}s, the objective "
        "for the 99th percentile. Most users wait too long. Usual causes: CPU, a slow dependency, "
        "or a rollout.",
        first_check=f"kubectl -n {name} top pods",
        section="app-latency",
        value=sources.response_time(name, "Average"),
        comparison=">",
        threshold=seconds,
        periods=3,
        missing_data="notBreaching",
    )
    yield Alarm(
        key=f"app/{name}/hosts",
        kind="impact",
        description=f"The load balancer finds fewer healthy pods of app {name} than needed "
        f"({needed}). The remaining pods can be overloaded; without any healthy "
        "pod, all requests fail.",
        first_check=f"kubectl -n {name} get pods -o wide",
        section="too-few-healthy-pods",
        value=sources.healthy_hosts(name),
        comparison="<",
        threshold=needed,
        periods=3,
        # A target group without targets publishes no data.
        missing_data="breaching",
    )


def _load_balancer_errors(sources: MetricSources, percent: float) -> Alarm:
    return Alarm(
        key="balancer/errors",
        kind="impact",
        description=f"The load balancer itself answers more than {percent:g}% of all requests "
        "with status 500 or above. Users see errors: an app has no healthy pod, or its pods do "
        "not respond in time.",
        first_check="kubectl get deployments -A",
        section="load-balancer-errors",
        value=Math(
            expression="100 * FILL(errors, 0) / (FILL(requests, 0) + FILL(errors, 0))",
            series={
                "errors": sources.load_balancer_series(metrics.LOAD_BALANCER_ERRORS),
                "requests": sources.load_balancer_series(metrics.REQUESTS),
            },
        ),
        comparison=">",
        threshold=percent,
        periods=5,
        datapoints=3,
        missing_data="notBreaching",
    )
