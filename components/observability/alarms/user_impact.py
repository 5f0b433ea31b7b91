"""Impact alarms: users are affected. Their composite alarm stops experiments and rollouts."""

from collections.abc import Iterator, Sequence

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources, TargetGroup
from core.facts import metrics
from core.load_balancers import Kind, suffix_of
from settings.singleton.singletons import Singleton
from settings.worker.workers import Worker
from settings.workload.replicated import Replicated

_WORKER_MINUTES = 5
"""Minutes with too few ready pods of a worker: longer than the gap after a crash."""


def impact_alarms(sources: MetricSources, node_provision_minutes: int) -> Iterator[Alarm]:
    """Yields the impact alarms of exposed workloads, of the load balancers, and of other workers
    and singletons.

    `node_provision_minutes` is the time that a new node may take. An app that is not exposed has no
    impact alarm: its failure shows in the workloads that call it.
    """
    for group in sources.target_groups:
        yield from _app_alarms(sources, group, sources.apps[group.app].needed)
    for kind in sources.load_balancers:
        groups = [each for each in sources.target_groups if each.kind == kind]
        percent = min(each.objective.error_percent for each in groups)
        yield _load_balancer_errors(sources, kind, percent)
    for name, workload in sources.apps.items():
        if isinstance(workload, Worker):
            yield _too_few_ready_pods(sources, name, workload.needed)
        elif isinstance(workload, Singleton) and name not in sources.exposed:
            yield _singleton_gone(sources, name, workload, node_provision_minutes * 60)


def healthy_hosts_key(group: TargetGroup) -> str:
    """Returns the key of the alarm on healthy pods of a target group."""
    return group.alarm_key("hosts")


def harm_keys(sources: MetricSources) -> Sequence[str]:
    """Returns the keys of the impact alarms that the failure of a zone must not set off, the most
    important first: of the load balancers, then of critical apps, then of other apps.

    A singleton is missing if its zone fails, so that its alarms are not among them.
    """
    apps = {name: app for name, app in sources.apps.items() if isinstance(app, Replicated)}
    groups = sorted(
        (each for each in sources.target_groups if each.app in apps),
        key=lambda each: not apps[each.app].critical,
    )
    return [
        *(_balancer_key(kind) for kind in sources.load_balancers),
        *(g.alarm_key(name) for g in groups for name in ("hosts", "errors", "latency")),
        *(_ready_key(name) for name, app in apps.items() if isinstance(app, Worker)),
    ]


def _balancer_key(kind: Kind) -> str:
    return f"balancer/errors{suffix_of(kind)}"


def _ready_key(name: str) -> str:
    return f"app/{name}/ready"


def _app_alarms(sources: MetricSources, group: TargetGroup, needed: int) -> Iterator[Alarm]:
    name, title, objective = group.app, group.title, group.objective
    seconds = objective.p99_milliseconds / 1000
    yield Alarm(
        key=group.alarm_key("errors"),
        kind="impact",
        description=f"App {title} answers more than {objective.error_percent:g}% of its requests "
        "with status 500 or above. Users see errors. If the errors began with a rollout, roll it "
        "back.",
        first_check=f"kubectl -n {name} logs -l app.kubernetes.io/name={name} --prefix --tail=50",
        section="app-errors",
        value=Math(
            expression="100 * FILL(errors, 0) / requests",
            series={"errors": sources.errors(group), "requests": sources.requests(group)},
        ),
        comparison=">",
        threshold=objective.error_percent,
        periods=5,
        datapoints=3,
        missing_data="notBreaching",
    )
    yield Alarm(
        key=group.alarm_key("latency"),
        kind="impact",
        description=f"The 99th percentile of the response time of app {title} is above "
        f"{seconds:g}s. At least 1% of the requests take longer than the objective allows. Usual "
        "causes: CPU, a slow dependency, or a rollout.",
        first_check=f"kubectl -n {name} top pods",
        section="app-latency",
        value=sources.response_time(group, "p99"),
        comparison=">",
        threshold=seconds,
        periods=5,
        datapoints=3,
        missing_data="notBreaching",
    )
    yield Alarm(
        key=group.alarm_key("slow"),
        kind="impact",
        description=f"The average response time of app {title} is above {seconds:g}s, the "
        "objective for the 99th percentile. Most users wait too long. Usual causes: CPU, a slow "
        "dependency, or a rollout.",
        first_check=f"kubectl -n {name} top pods",
        section="app-latency",
        value=sources.response_time(group, "Average"),
        comparison=">",
        threshold=seconds,
        periods=3,
        missing_data="notBreaching",
    )
    yield Alarm(
        key=healthy_hosts_key(group),
        kind="impact",
        description=f"The load balancer finds fewer healthy pods of app {title} than needed "
        f"({needed}). The remaining pods can be overloaded; without any healthy "
        "pod, all requests fail.",
        first_check=f"kubectl -n {name} get pods -o wide",
        section="too-few-healthy-pods",
        value=sources.healthy_hosts(group),
        comparison="<",
        threshold=needed,
        periods=3,
        # A target group without targets publishes no data.
        missing_data="breaching",
    )


def _too_few_ready_pods(sources: MetricSources, name: str, needed: int) -> Alarm:
    return Alarm(
        key=_ready_key(name),
        kind="impact",
        description=f"For {_WORKER_MINUTES} minutes, worker {name} has had fewer ready pods than "
        f"needed ({needed}). Jobs wait longer than usual, or are not processed at all.",
        first_check=f"kubectl -n {name} get pods -o wide; kubectl -n {name} describe pods",
        section="too-few-ready-pods",
        value=sources.workload_series(metrics.READY_PODS, name, name, "Minimum"),
        comparison="<",
        threshold=needed,
        periods=_WORKER_MINUTES,
        missing_data="notBreaching",
    )


def _singleton_gone(
    sources: MetricSources, name: str, singleton: Singleton, node_seconds: int
) -> Alarm:
    """Returns an alarm that goes off if the pod is missing for longer than its replacement takes
    after the failure of its node, or during a rollout."""
    minutes = max(singleton.gaps(node_seconds)) // 60 + 1
    return Alarm(
        key=_ready_key(name),
        kind="impact",
        description=f"For {minutes} minutes, singleton {name} has had no ready pod. That is longer "
        "than its replacement takes on another node. Its work is not done.",
        first_check=f"kubectl -n {name} get pods -o wide; kubectl -n {name} describe pods",
        section="too-few-ready-pods",
        value=sources.workload_series(metrics.READY_PODS, name, name, "Minimum"),
        comparison="<",
        threshold=1,
        periods=minutes,
        missing_data="notBreaching",
    )


def _load_balancer_errors(sources: MetricSources, kind: Kind, percent: float) -> Alarm:
    internal = "internal " if kind == "internal" else ""
    return Alarm(
        key=_balancer_key(kind),
        kind="impact",
        description=f"The {internal}load balancer itself answers more than {percent:g}% of all "
        "requests with status 500 or above. Users see errors: an app has no healthy pod, or its "
        "pods do not respond in time.",
        first_check="kubectl get deployments -A",
        section="load-balancer-errors",
        value=Math(
            expression="100 * FILL(errors, 0) / (FILL(requests, 0) + FILL(errors, 0))",
            series={
                "errors": sources.load_balancer_series(metrics.LOAD_BALANCER_ERRORS, kind),
                "requests": sources.load_balancer_series(metrics.REQUESTS, kind),
            },
        ),
        comparison=">",
        threshold=percent,
        periods=5,
        datapoints=3,
        missing_data="notBreaching",
    )
