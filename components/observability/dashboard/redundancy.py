"""Dashboard section: is reserve capacity left?"""

from collections.abc import Iterator, Sequence

from components.observability.dashboard.colors import BAD, GOOD, zone_color
from components.observability.dashboard.grid import Row
from components.observability.dashboard.widgets import Formula, Graph, Limit, Line, Text, Widget
from components.observability.metric_sources import MetricSources
from core.facts import metrics

_MISSING_NODES = "nodes: desired but not in service"


def redundancy_rows(sources: MetricSources) -> Iterator[Row]:
    """Yields headroom and unavailable pods, then apps and pools compared with their maximums."""
    yield Row(
        [
            _headroom(sources),
            *_unavailable_pause_pods(sources),
            _unavailable_pods(sources),
            _unschedulable_pods(sources),
        ],
    )
    yield Row([*_apps_at_max(sources), _node_groups_at_max(sources), _missing_nodes(sources)])


def _headroom(sources: MetricSources) -> Widget:
    """Ready pause pods by zone, or a text if no pause pods exist."""
    title = "headroom: ready pause pods by zone"
    if sources.headroom.mode == "capacityBuffer":
        return Text(
            markdown="**headroom: capacity buffers**\n\nThe Cluster Autoscaler holds headroom with "
            "CapacityBuffers. They have no pods and no metrics. Their state: `kubectl -n headroom "
            f"get capacitybuffers`. Nodes that are starting for them: graph *{_MISSING_NODES}*."
        )
    if not sources.pause_pod_workloads:
        return Text(
            markdown="**headroom: none**\n\nThe setting `ha-eks:headroom` of the stack file "
            "reserves no capacity."
        )
    minimum = sum(sources.headroom_pods.pods[name] for name in sources.pause_pod_workloads)
    return Graph(
        title=title,
        unit="pods",
        lines=[*_pause_pods(sources, metrics.READY_PODS, "Minimum")],
        limits=[Limit(value=minimum, label=f"minimum in each zone: {minimum}", color=GOOD)],
    )


def _unavailable_pause_pods(sources: MetricSources) -> Sequence[Widget]:
    """Pause pods that were preempted; the Cluster Autoscaler adds nodes for them."""
    if not sources.pause_pod_workloads:
        return []
    return [
        Graph(
            title="headroom: missing pause pods by zone",
            unit="pods",
            lines=[*_pause_pods(sources, metrics.UNAVAILABLE_PODS, "Maximum")],
        )
    ]


def _pause_pods(
    sources: MetricSources, metric: metrics.Metric, statistic: str
) -> Iterator[Line | Formula]:
    """Yields a line for each zone: the sum over all apps and the system."""
    workloads = sources.pause_pod_workloads
    for at, zone in enumerate(sources.zones):
        ids = [f"z{at}n{number}" for number in range(len(workloads))]
        for id_, name in zip(ids, workloads, strict=True):
            series = sources.pause_pod_series(metric, name, zone, statistic)
            yield Line(series=series, label=f"{name} {zone}", id=id_, visible=False)
        yield Formula(expression=f"SUM([{', '.join(ids)}])", label=zone, color=zone_color(zone))


def _apps_at_max(sources: MetricSources) -> Iterator[Widget]:
    """Desired replicas of each app that can scale, in percent of its maximum."""
    lines: list[Line | Formula] = []
    for number, (name, app) in enumerate(sources.apps.items()):
        if app.minimum_replicas(sources.effective_zones) < app.maximum_replicas:
            series = sources.workload_series(metrics.DESIRED_PODS, name, name, "Maximum")
            lines += [
                Line(series=series, label=name, id=f"d{number}", visible=False),
                Formula(expression=f"100 * d{number} / {app.maximum_replicas}", label=name),
            ]
    if lines:
        yield Graph(
            title="workloads: replicas in percent of replicas.max",
            unit="%",
            lines=lines,
            limits=[Limit(value=100, label="maximum: no replicas are added", color=BAD)],
        )


def _node_groups_at_max(sources: MetricSources) -> Widget:
    """Nodes of each node group in percent of its maximum."""
    lines: list[Line | Formula] = []
    for number, ((pool, part), group) in enumerate(sources.scaling_groups.items()):
        label = f"{pool} {part}"
        series = sources.node_group_series(metrics.NODES_IN_SERVICE, pool, part, "Minimum")
        lines += [
            Line(series=series, label=label, id=f"r{number}", visible=False),
            Formula(
                expression=f"100 * r{number} / {group.size.max}",
                label=label,
                color=zone_color(part),
            ),
        ]
    return Graph(
        title="pools: nodes in percent of perZone.max",
        unit="%",
        lines=lines,
        limits=[Limit(value=100, label="maximum: no nodes are added", color=BAD)],
    )


def _unavailable_pods(sources: MetricSources) -> Widget:
    """Unavailable pods of each app. PENDING_PODS would count some pods twice."""
    return Graph(
        title="workloads: pods that are pending, starting or failing",
        unit="pods",
        lines=[
            Line(
                series=sources.workload_series(metrics.UNAVAILABLE_PODS, name, name, "Maximum"),
                label=name,
            )
            for name in sources.apps
        ],
    )


def _unschedulable_pods(sources: MetricSources) -> Widget:
    series = sources.cluster_series(metrics.UNSCHEDULABLE_PODS, "Sum")
    return Graph(
        title="unschedulable pods, including pause pods",
        unit="pods",
        lines=[Line(series=series, label="unschedulable", color=BAD)],
    )


def _missing_nodes(sources: MetricSources) -> Widget:
    """Desired minus running nodes; above zero for long: EC2 has no capacity, or no node joins."""
    lines: list[Line | Formula] = []
    for number, (pool, part) in enumerate(sources.scaling_groups):
        desired = sources.node_group_series(metrics.NODES_DESIRED, pool, part, "Maximum")
        in_service = sources.node_group_series(metrics.NODES_IN_SERVICE, pool, part, "Minimum")
        label = f"{pool} {part}"
        lines += [
            Line(series=desired, label=label, id=f"w{number}", visible=False),
            Line(series=in_service, label=label, id=f"r{number}", visible=False),
            Formula(expression=f"w{number} - r{number}", label=label, color=zone_color(part)),
        ]
    return Graph(title=_MISSING_NODES, unit="nodes", lines=lines)
