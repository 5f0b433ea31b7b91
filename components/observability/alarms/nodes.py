"""Redundancy alarms on nodes: nodes are missing, or no further nodes can be added."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm, Math
from components.observability.metric_sources import MetricSources
from core.facts import metrics
from core.tags import SPANNING

_REPLACEMENT_MINUTES = 15
"""Minutes within which a failed node is replaced, if EC2 has capacity."""


def node_alarms(sources: MetricSources) -> Iterator[Alarm]:
    """Yields the alarms of each node group, each pool, all nodes and the Cluster Autoscaler."""
    for (pool, part), group in sources.scaling_groups.items():
        if group.size.min:
            yield _too_few(sources, pool, part, group.size.min)
    for pool in sources.pools:
        yield from _pool_at_max(sources, pool)
    yield _not_ready(sources)
    yield _unschedulable(sources)


def _too_few(sources: MetricSources, pool: str, part: str, minimum: int) -> Alarm:
    zone = "all zones together" if part == SPANNING else part
    return Alarm(
        key=f"nodes/{pool}/{part}",
        kind="redundancy",
        description=f"For {_REPLACEMENT_MINUTES} minutes, pool {pool} has had fewer nodes in "
        f"{zone} than its minimum of {minimum}. EC2 has no capacity, or new nodes do not join the "
        "cluster. If the zone has failed, this is expected.",
        first_check="aws autoscaling describe-scaling-activities --max-items 10 "
        f"--region {sources.region}",
        page="runbooks/autoscaler.md",
        section="new-nodes-do-not-start",
        value=sources.node_group_series(metrics.NODES_IN_SERVICE, pool, part, "Minimum"),
        comparison="<",
        threshold=minimum,
        periods=_REPLACEMENT_MINUTES,
        missing_data="breaching",
    )


def _not_ready(sources: MetricSources) -> Alarm:
    """Returns the alarm on nodes that are unreachable, under pressure or not ready.

    The number of failed nodes has no node that reports only that it is not ready, for example
    because its container runtime does not respond. The agent on that node reports it.
    """
    return Alarm(
        key="nodes/not-ready",
        kind="redundancy",
        description="For 5 minutes, at least one node has not been ready, or has been short of "
        "memory, disk or process IDs. Its pods may be unavailable; the other pods carry the load. "
        "If all nodes of one zone are affected, the zone has failed.",
        first_check="kubectl get nodes -L topology.kubernetes.io/zone",
        page="runbooks/node-not-ready.md",
        section="what-to-do",
        value=Math(
            expression="FILL(failed, 0) + 1 - FILL(ready, 1)",
            series={
                "failed": sources.cluster_series(metrics.FAILED_NODES, "Maximum"),
                "ready": sources.cluster_series(metrics.READY_NODES, "Minimum"),
            },
        ),
        comparison=">",
        threshold=0,
        periods=5,
        missing_data="notBreaching",
    )


def _pool_at_max(sources: MetricSources, pool: str) -> Iterator[Alarm]:
    """Yields the alarm of a pool whose maximum is above its minimum."""
    groups = {
        part: group.size
        for (name, part), group in sources.scaling_groups.items()
        if name == pool and part in (SPANNING, *sources.zones)
    }
    maximum = sum(size.max for size in groups.values())
    if sum(size.min for size in groups.values()) >= maximum:
        return
    series = {
        f"m{number}": sources.node_group_series(metrics.NODES_DESIRED, pool, part, "Minimum")
        for number, part in enumerate(groups, 1)
    }
    yield Alarm(
        key=f"nodes/{pool}/at-max",
        kind="redundancy",
        description=f"For {_REPLACEMENT_MINUTES} minutes, pool {pool} has had its maximum of "
        f"{maximum} nodes in all zones (perZone.max). No node is added for further pods: they stay "
        "pending.",
        first_check=f"kubectl top nodes -l ha-eks/pool={pool}",
        section="a-pool-at-its-maximum",
        value=Math(expression=" + ".join(series), series=series),
        comparison=">=",
        threshold=maximum,
        periods=_REPLACEMENT_MINUTES,
        missing_data="notBreaching",
    )


def _unschedulable(sources: MetricSources) -> Alarm:
    """Returns the alarm on pods for which the Cluster Autoscaler cannot add a node.

    The Cluster Autoscaler logs one event per pod in 5 minutes, or slightly more. Therefore the
    period is 10 minutes: each period contains at least one event.
    https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/utils/kubernetes/factory.go
    """
    return Alarm(
        key="autoscaler/unschedulable",
        kind="redundancy",
        description="For 20 minutes, the Cluster Autoscaler has found no node group that can be "
        "scaled up for a pending pod. The pod stays pending until its requirements or a pool "
        "change.",
        first_check="kubectl get events -A --field-selector reason=NotTriggerScaleUp",
        page="runbooks/autoscaler.md",
        section="pods-are-pending",
        value=sources.log_series(metrics.AUTOSCALER_UNSCHEDULABLE, period=600),
        comparison=">",
        threshold=0,
        periods=2,
        missing_data="notBreaching",
    )
