"""Alarms that say: nodes are missing, or no more would come."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources, Series
from core.facts import metrics
from core.tags import SPANNING

_REPLACED = 15
"""Minutes within which a node that is lost has another in its place, if there can be one."""


def nodes(metric_sources: MetricSources) -> Iterator[Alarm]:
    """Those of each node group, of each pool, of all nodes and of what makes more."""
    for (pool, part), group in metric_sources.scaling_groups.items():
        if group.size.min:
            yield _too_few(metric_sources, pool, part, group.size.min)
    for pool in metric_sources.pools:
        yield from _at_most(metric_sources, pool)
    yield Alarm(
        key="nodes/not-ready",
        kind="redundancy",
        says="A node has not been ready, or has been short of something, for 5 minutes. Find it "
        "with kubectl get nodes, and describe it.",
        section="nodes-are-not-ready",
        watches=metric_sources.of_cluster(metrics.FAILED_NODES, "Maximum"),
        comparison=">",
        threshold=0,
        periods=5,
        missing="notBreaching",
    )
    yield _unschedulable(metric_sources)


def _too_few(metric_sources: MetricSources, pool: str, part: str, least: int) -> Alarm:
    where = "all zones" if part == SPANNING else part
    return Alarm(
        key=f"nodes/{pool}/{part}",
        kind="redundancy",
        says=f"Pool {pool} has had fewer than its {least} nodes in {where} for {_REPLACED} "
        "minutes: EC2 has none to give, or they do not start. Look at the activity of its Auto "
        "Scaling group.",
        section="nodes-of-a-group-are-missing",
        watches=metric_sources.of_group(metrics.NODES_IN_SERVICE, pool, part, "Minimum"),
        comparison="<",
        threshold=least,
        periods=_REPLACED,
        missing="breaching",
    )


def _at_most(metric_sources: MetricSources, pool: str) -> Iterator[Alarm]:
    """If the pool can grow: of one that cannot, nobody expects more."""
    groups = {
        part: group.size
        for (name, part), group in metric_sources.scaling_groups.items()
        if name == pool and part in (SPANNING, *metric_sources.zones)
    }
    most = sum(size.max for size in groups.values())
    if sum(size.min for size in groups.values()) >= most:
        return
    series = {
        f"m{number}": metric_sources.of_group(metrics.NODES_DESIRED, pool, part, "Minimum")
        for number, part in enumerate(groups, 1)
    }
    yield Alarm(
        key=f"nodes/{pool}/at-max",
        kind="redundancy",
        says=f"Pool {pool} has had all {most} nodes that it may have for {_REPLACED} minutes: more "
        "pods find no place. Raise perZone.max, or find out what the load is.",
        section="a-pool-at-its-maximum",
        watches=Math(expression=" + ".join(series), series=series),
        comparison=">=",
        threshold=most,
        periods=_REPLACED,
        missing="notBreaching",
    )


def _unschedulable(metric_sources: MetricSources) -> Alarm:
    """Of a pod that stays so it logs one event in 5 minutes, and a little more.

    Hence periods of 10 minutes, each of which has one of them.
    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/utils/kubernetes/factory.go
    """
    return Alarm(
        key="autoscaler/unschedulable",
        kind="redundancy",
        says="The Cluster Autoscaler knows no node for a pod that waits, and for as long as it "
        "says so none comes. Look for NotTriggerScaleUp in its log, which says why.",
        section="the-autoscaler-knows-no-node",
        watches=Series(
            metric=metrics.logged(metric_sources.cell, metrics.AUTOSCALER_UNSCHEDULABLE),
            statistic="Sum",
            period=600,
        ),
        comparison=">",
        threshold=0,
        periods=2,
        missing="notBreaching",
    )
