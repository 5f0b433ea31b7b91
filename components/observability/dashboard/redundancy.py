"""Is there reserve?"""

from collections.abc import Iterator, Sequence

from components.observability.dashboard.colors import BAD, GOOD, PLAIN, zone_color
from components.observability.dashboard.grid import Row
from components.observability.dashboard.widgets import Formula, Graph, Limit, Line, Text, Widget
from components.observability.metric_sources import MetricSources
from core.facts import metrics


def reserve(metric_sources: MetricSources) -> Iterator[Row]:
    """Room that is held, pods that wait, pods and nodes that can still come."""
    yield Row(
        [
            _room(metric_sources),
            *_given_way(metric_sources),
            _pending(metric_sources),
            _unschedulable(metric_sources),
        ],
    )
    yield Row(
        [
            *_pods_at_most(metric_sources),
            _nodes_at_most(metric_sources),
            _nodes_missing(metric_sources),
        ]
    )


def _room(metric_sources: MetricSources) -> Widget:
    """What is ready of what holds room; at least so much is claimed for each zone."""
    title = "headroom: ready pods by zone"
    if metric_sources.headroom.mode == "capacityBuffer":
        return Text(
            markdown=f"**{title}**\n\nCapacityBuffers hold it, without pods and without a metric: "
            "`kubectl -n headroom get capacitybuffers`; nodes that are wanted for it are in "
            "*nodes: wanted and not running*."
        )
    if not metric_sources.held:
        return Text(markdown=f"**{title}**\n\nNone is held: `ha-eks:headroom` says so.")
    least = sum(metric_sources.headroom_pods.pods[name] for name in metric_sources.held)
    return Graph(
        title=title,
        unit="pods",
        lines=[*_of_headroom(metric_sources, metrics.READY_PODS, "Minimum")],
        limits=[Limit(value=least, label=f"each zone holds {least} at least", color=GOOD)],
    )


def _given_way(metric_sources: MetricSources) -> Sequence[Widget]:
    """Pods that hold room and are pending gave way to others, and call for nodes."""
    if not metric_sources.held:
        return []
    return [
        Graph(
            title="headroom: pending pods by zone",
            unit="pods",
            lines=[*_of_headroom(metric_sources, metrics.PENDING_PODS, "Sum")],
        )
    ]


def _of_headroom(
    metric_sources: MetricSources, metric: metrics.Metric, statistic: str
) -> Iterator[Line | Formula]:
    """A line for each zone: the sum over all that room is held for."""
    for at, zone in enumerate(metric_sources.zones):
        ids = [f"z{at}n{number}" for number in range(len(metric_sources.held))]
        for own, name in zip(ids, metric_sources.held, strict=True):
            series = metric_sources.of_headroom(metric, name, zone, statistic)
            yield Line(series=series, label=f"{name} {zone}", id=own, visible=False)
        yield Formula(expression=f"SUM([{', '.join(ids)}])", label=zone, color=zone_color(zone))


def _pods_at_most(metric_sources: MetricSources) -> Iterator[Widget]:
    """Pods that the autoscaler wants; at all that it may have it can do no more."""
    lines: list[Line | Formula] = []
    for number, (name, app) in enumerate(metric_sources.apps.items()):
        if app.minimum_replicas(metric_sources.claimed) < app.replicas.max:
            series = metric_sources.of_workload(metrics.DESIRED_PODS, name, name, "Maximum")
            lines += [
                Line(series=series, label=name, id=f"d{number}", visible=False),
                Formula(expression=f"100 * d{number} / {app.replicas.max}", label=name),
            ]
    if lines:
        yield Graph(
            title="apps: pods in percent of replicas.max",
            unit="%",
            lines=lines,
            limits=[Limit(value=100, label="no more pods come", color=BAD)],
        )


def _nodes_at_most(metric_sources: MetricSources) -> Widget:
    """Groups that are full bring nothing more."""
    lines: list[Line | Formula] = []
    for number, ((pool, part), group) in enumerate(metric_sources.scaling_groups.items()):
        label = f"{pool} {part}"
        series = metric_sources.of_group(metrics.NODES_IN_SERVICE, pool, part, "Minimum")
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
        limits=[Limit(value=100, label="no more nodes come", color=BAD)],
    )


def _pending(metric_sources: MetricSources) -> Widget:
    """Each app's own, and those of the system: all but the apps' and those that hold room."""
    known = {
        f"a{number}": (name, metric_sources.of_workload(metrics.PENDING_PODS, name, name, "Sum"))
        for number, name in enumerate(metric_sources.apps)
    }
    held = {
        f"h{at}n{number}": metric_sources.of_headroom(metrics.PENDING_PODS, name, zone, "Sum")
        for at, zone in enumerate(metric_sources.zones)
        for number, name in enumerate(metric_sources.held)
    }
    every = metric_sources.of_cluster(metrics.PENDING_PODS, "Sum")
    ids = ", ".join([*known, *held])
    return Graph(
        title="pending pods, without headroom",
        unit="pods",
        lines=[
            *(Line(series=series, label=name, id=own) for own, (name, series) in known.items()),
            *(Line(series=each, label=own, id=own, visible=False) for own, each in held.items()),
            Line(series=every, label="all", id="every", visible=False),
            Formula(
                expression=f"every - SUM(FILL([{ids}], 0))",
                label="everything else",
                color=PLAIN,
            ),
        ],
    )


def _unschedulable(metric_sources: MetricSources) -> Widget:
    series = metric_sources.of_cluster(metrics.UNSCHEDULABLE_PODS, "Sum")
    return Graph(
        title="pods that no node has room for, with headroom",
        unit="pods",
        lines=[Line(series=series, label="unschedulable", color=BAD)],
    )


def _nodes_missing(metric_sources: MetricSources) -> Widget:
    """More than none for longer than a node takes to start: none are to be had."""
    lines: list[Line | Formula] = []
    for number, (pool, part) in enumerate(metric_sources.scaling_groups):
        wanted = metric_sources.of_group(metrics.NODES_DESIRED, pool, part, "Maximum")
        running = metric_sources.of_group(metrics.NODES_IN_SERVICE, pool, part, "Minimum")
        label = f"{pool} {part}"
        lines += [
            Line(series=wanted, label=label, id=f"w{number}", visible=False),
            Line(series=running, label=label, id=f"r{number}", visible=False),
            Formula(expression=f"w{number} - r{number}", label=label, color=zone_color(part)),
        ]
    return Graph(title="nodes: wanted and not running", unit="nodes", lines=lines)
