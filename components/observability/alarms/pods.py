"""Alarms that say: the reserve of pods is gone, or would not come.

What Container Insights publishes is silent while its agents are: that is an alarm of its own
(metrics/silent), and of these, missing data sets off none.
"""

from collections.abc import Iterator, Sequence

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources, Series
from core.facts import metrics
from core.facts.system_deployments import Deployment
from settings.app.apps import App

_BEYOND = 5
"""Minutes that a pod may wait beyond what a node takes."""

_AT_MOST = 15
"""Minutes at most pods after which it is no burst."""


_LATE = 2
"""Minutes that metrics may be late by: of those, a sum of what is there so far says 0.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"""


def pods(
    metric_sources: MetricSources, provision_minutes: int, system: Sequence[Deployment]
) -> Iterator[Alarm]:
    """Those of every app, of the system and of headroom.

    `provision_minutes` is how long a pod may wait for a node; `system` are the Deployments of the
    system, ten at most.
    """
    waits = provision_minutes + _BEYOND
    for name, app in metric_sources.apps.items():
        least = app.minimum_replicas(metric_sources.claimed)
        if name in metric_sources.target_groups:
            yield from _hosts_by_zone(metric_sources, name, least)
        if not app.volume and app.replicas.max > least:
            yield _at_most(metric_sources, name, app)
        yield _pending(metric_sources, name, waits)
    yield Alarm(
        key="system/pending",
        kind="redundancy",
        says=f"A pod of the system has been pending for {waits} minutes. Find it with kubectl get "
        "pods -A --field-selector status.phase=Pending, and describe it.",
        section="pods-of-the-system-are-pending",
        watches=_sum(
            [metric_sources.of_workload(metrics.PENDING_PODS, *each, "Sum") for each in system]
        ),
        comparison=">",
        threshold=0,
        periods=waits,
        datapoints=waits - _LATE,
        missing="notBreaching",
    )
    for held_for in metric_sources.held:
        yield _headroom(metric_sources, held_for, waits)


def _hosts_by_zone(metric_sources: MetricSources, name: str, least: int) -> Iterator[Alarm]:
    """Of each zone, if every zone has a pod when the app is at its minimum.

    AWS does not say whether AvailabilityZone of HealthyHostCount is the zone of the target or of
    the load balancer's node that sees it, where these see targets of all zones. If it is the
    node's, these alarms go off later than they should, with those of all zones, and never without
    a cause; the alarms of nodes do not hang on it.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    share = least // len(metric_sources.zones)
    for zone in metric_sources.zones if share else ():
        fewest = max(1, share - 1)
        yield Alarm(
            key=f"app/{name}/hosts/{zone}",
            kind="redundancy",
            says=f"{name} has fewer than {fewest} healthy pods in {zone}: less is left than "
            f"planned if another zone is lost. Look at the nodes of {zone}.",
            section="healthy-pods-of-a-zone",
            watches=metric_sources.hosts(name, zone),
            comparison="<",
            threshold=fewest,
            periods=5,
            # Without any target there the metric is silent.
            missing="breaching",
        )


def _at_most(metric_sources: MetricSources, name: str, app: App) -> Alarm:
    return Alarm(
        key=f"app/{name}/at-max",
        kind="redundancy",
        says=f"{name} has been at replicas.max, {app.replicas.max} pods, for {_AT_MOST} minutes: "
        "more load finds no more pods. Raise it, or find out what the load is.",
        section="an-app-at-its-maximum",
        watches=metric_sources.of_workload(metrics.DESIRED_PODS, name, name, "Minimum"),
        comparison=">=",
        threshold=app.replicas.max,
        periods=_AT_MOST,
        missing="notBreaching",
    )


def _pending(metric_sources: MetricSources, name: str, waits: int) -> Alarm:
    return Alarm(
        key=f"app/{name}/pending",
        kind="redundancy",
        says=f"A pod of {name} has been pending for {waits} minutes: no node came for it. Describe "
        f"it: kubectl -n {name} describe pods.",
        section="pods-of-an-app-are-pending",
        watches=metric_sources.of_workload(metrics.PENDING_PODS, name, name, "Sum"),
        comparison=">",
        threshold=0,
        periods=waits,
        missing="notBreaching",
    )


def _headroom(metric_sources: MetricSources, held_for: str, waits: int) -> Alarm:
    by_zone = [
        metric_sources.of_headroom(metrics.PENDING_PODS, held_for, zone, "Sum")
        for zone in metric_sources.zones
    ]
    return Alarm(
        key=f"headroom/{held_for}",
        kind="redundancy",
        says=f"The room that is held for {held_for} has been used, or has no node, for {waits} "
        "minutes: pods of a lost zone would have to wait for nodes.",
        section="headroom-is-gone",
        watches=_sum(by_zone),
        comparison=">",
        threshold=0,
        periods=waits,
        datapoints=waits - _LATE,
        missing="notBreaching",
    )


def _sum(series: Sequence[Series]) -> Math:
    """Of one or more series, those that are silent as 0."""
    named = {f"m{number}": each for number, each in enumerate(series, 1)}
    return Math(expression=" + ".join(f"FILL({name}, 0)" for name in named), series=named)
