"""Redundancy alarms on pods: reserve pods or headroom are lost, or cannot be added.

Container Insights publishes no data while its agents fail. The alarm `metrics/silent` detects that;
for the alarms of this module, missing data is not breaching.
"""

from collections.abc import Iterator, Sequence

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources, Series, TargetGroup
from core.availability.zone_loss import SYSTEM
from core.facts import metrics
from core.facts.system_deployments import Deployment
from settings.singleton.singletons import Singleton
from settings.worker.workers import Worker
from settings.workload.deployed import Deployed
from settings.workload.replicated import Replicated

_PENDING_MARGIN_MINUTES = 5
"""Minutes that a pod may be pending after a new node should have started."""

_AT_MAX_MINUTES = 15
"""Minutes at the maximum number of replicas that a short burst does not reach."""

_STUCK = (
    " New pods that do not become ready use headroom: if a zone fails now, its pods may have to "
    "wait for new nodes."
)

_DELAY_MINUTES = 2
"""Maximum delay of metrics in minutes. Until the data arrives, FILL yields 0.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"""


def pod_alarms(
    sources: MetricSources, node_provision_minutes: int, system: Sequence[Deployment]
) -> Iterator[Alarm]:
    """Yields the redundancy alarms of the pods of each app, of the system and of headroom.

    `node_provision_minutes` is the time that a new node may take; `system` has at most ten
    Deployments.
    """
    minutes = node_provision_minutes + _PENDING_MARGIN_MINUTES
    for name, app in sources.apps.items():
        minimum = app.minimum_replicas(sources.effective_zones)
        for group in sources.target_groups:
            if group.app == name:
                yield from _healthy_hosts_by_zone(sources, group, minimum)
        if app.maximum_replicas > minimum:
            yield _app_at_max(sources, name, app)
        yield _app_pending(sources, name, app, minutes)
        yield _app_not_ready(sources, name, app, node_provision_minutes)
    yield _system_pending(sources, minutes, system)
    for workload in sources.pause_pod_workloads:
        yield _headroom(sources, workload, minutes)


def _healthy_hosts_by_zone(
    sources: MetricSources, group: TargetGroup, minimum: int
) -> Iterator[Alarm]:
    """Yields one alarm per zone, if at minimum replicas every zone has a pod.

    AWS does not document the meaning of the dimension AvailabilityZone of HealthyHostCount while
    load balancing crosses zones: zone of the target, or zone of the load balancer node that checks
    the target. In the second case, these alarms do not detect the loss of a zone, and go off
    together with the alarm on all zones. The alarms on nodes do not depend on this metric.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    share = minimum // len(sources.zones)
    for zone in sources.zones if share else ():
        threshold = max(1, share - 1)
        yield Alarm(
            key=f"{group.alarm_key('hosts')}/{zone}",
            kind="redundancy",
            description=f"App {group.title} has fewer healthy pods in {zone} than expected "
            f"(minimum: {threshold}). Users are not affected. If another zone fails now, the "
            "remaining pods may not carry the load.",
            first_check=f"kubectl -n {group.app} get pods -o wide; "
            f"kubectl get nodes -l topology.kubernetes.io/zone={zone}",
            section="too-few-healthy-pods-in-a-zone",
            value=sources.healthy_hosts(group, zone),
            comparison="<",
            threshold=threshold,
            periods=5,
            # A zone without targets publishes no data.
            missing_data="breaching",
        )


def _app_at_max(sources: MetricSources, name: str, app: Deployed) -> Alarm:
    return Alarm(
        key=f"app/{name}/at-max",
        kind="redundancy",
        description=f"{_kind(app).capitalize()} {name} has run at its maximum of "
        f"{app.maximum_replicas} replicas (replicas.max) for {_AT_MAX_MINUTES} minutes. If the "
        "load increases further, no pods are added and "
        f"{'jobs will wait longer' if isinstance(app, Worker) else 'users will be affected'}.",
        first_check=f"kubectl -n {name} describe hpa",
        section="an-app-at-its-maximum",
        value=sources.workload_series(metrics.DESIRED_PODS, name, name, "Minimum"),
        comparison=">=",
        threshold=app.maximum_replicas,
        periods=_AT_MAX_MINUTES,
        missing_data="notBreaching",
    )


def _app_pending(sources: MetricSources, name: str, app: Deployed, minutes: int) -> Alarm:
    return Alarm(
        key=f"app/{name}/pending",
        kind="redundancy",
        description=f"For {minutes} minutes, at least one pod of {_kind(app)} {name} has been "
        f"pending. That is longer than a new node takes to start. {_meanwhile(app, 'running')}",
        first_check=f"kubectl -n {name} describe pods",
        page="runbooks/autoscaler.md",
        section="pods-are-pending",
        value=sources.workload_series(metrics.PENDING_PODS, name, name, "Sum"),
        comparison=">",
        threshold=0,
        periods=minutes,
        missing_data="notBreaching",
    )


def _app_not_ready(
    sources: MetricSources, name: str, app: Deployed, node_provision_minutes: int
) -> Alarm:
    """Returns an alarm that goes off if a rollout does not finish.

    docs/decisions/0053-an-alarm-reports-a-stuck-rollout.md
    """
    seconds = app.rollout_seconds(
        pods=app.minimum_replicas(sources.effective_zones),
        surge=len(sources.zones),
        node_seconds=node_provision_minutes * 60,
    )
    minutes = seconds // 60 + 1
    return Alarm(
        key=f"app/{name}/not-ready",
        kind="redundancy",
        description=f"For {minutes} minutes, at least one pod of {_kind(app)} {name} has not been "
        f"ready. That is longer than a rollout takes. {_meanwhile(app, 'ready')}"
        + (_STUCK if isinstance(app, Replicated) else ""),
        first_check=f"kubectl -n {name} get pods; kubectl -n {name} describe pods",
        section="app-pods-are-not-ready",
        value=sources.workload_series(metrics.UNAVAILABLE_PODS, name, name, "Maximum"),
        comparison=">",
        threshold=0,
        periods=minutes,
        missing_data="notBreaching",
    )


def _kind(app: Deployed) -> str:
    """Returns the name of the kind of a workload."""
    if isinstance(app, Worker):
        return "worker"
    return "singleton" if isinstance(app, Singleton) else "app"


def _meanwhile(app: Deployed, state: str) -> str:
    """Returns a sentence about the other pods of a workload, which are running or ready."""
    if isinstance(app, Singleton):
        return "It is the only pod, so its work is not done."
    work = "process jobs" if isinstance(app, Worker) else "serve users"
    return f"The {state} pods still {work}."


def _system_pending(sources: MetricSources, minutes: int, system: Sequence[Deployment]) -> Alarm:
    return Alarm(
        key="system/pending",
        kind="redundancy",
        description=f"For {minutes} minutes, at least one pod of an add-on or controller has been "
        "pending. "
        "System pods preempt all other pods, so the cluster has no free capacity left.",
        first_check="kubectl get pods -A --field-selector status.phase=Pending",
        page="runbooks/autoscaler.md",
        section="pods-are-pending",
        value=_sum(
            [sources.workload_series(metrics.PENDING_PODS, *each, "Sum") for each in system]
        ),
        comparison=">",
        threshold=0,
        periods=minutes,
        datapoints=minutes - _DELAY_MINUTES,
        missing_data="notBreaching",
    )


def _headroom(sources: MetricSources, workload: str, minutes: int) -> Alarm:
    by_zone = [
        sources.pause_pod_series(metrics.PENDING_PODS, workload, zone, "Sum")
        for zone in sources.zones
    ]
    owner = "system pods"
    if workload != SYSTEM:
        owner = f"{_kind(sources.apps[workload])} {workload}"
    return Alarm(
        key=f"headroom/{workload}",
        kind="redundancy",
        description=f"For {minutes} minutes, pause pods that reserve headroom for {owner} have "
        "been pending: other pods use the headroom, and no node was added. If a zone fails now, "
        "some of its pods must wait for new nodes.",
        first_check="kubectl -n headroom get pods -o wide",
        section="headroom-is-used-up",
        value=_sum(by_zone),
        comparison=">",
        threshold=0,
        periods=minutes,
        datapoints=minutes - _DELAY_MINUTES,
        missing_data="notBreaching",
    )


def _sum(series: Sequence[Series]) -> Math:
    """Returns the sum of one or more series; missing data counts as 0."""
    by_name = {f"m{number}": each for number, each in enumerate(series, 1)}
    return Math(expression=" + ".join(f"FILL({name}, 0)" for name in by_name), series=by_name)
