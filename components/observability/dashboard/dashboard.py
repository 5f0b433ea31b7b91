"""The dashboard of a cell: five sections, from the effect on users down to the logs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pulumi
from pulumi_aws import cloudwatch

from components.observability.dashboard.controllers import controller_rows
from components.observability.dashboard.grid import Row, place, rows_of
from components.observability.dashboard.json_output import json_output
from components.observability.dashboard.logs import log_rows
from components.observability.dashboard.redundancy import redundancy_rows
from components.observability.dashboard.saved_queries import saved_queries
from components.observability.dashboard.user_impact import user_impact_rows
from components.observability.dashboard.widgets import MAX_ALARMS, AlarmStates, Json, Text
from components.observability.dashboard.zones import zone_rows
from components.observability.metric_sources import MetricSources
from core.availability.zone_loss import SYSTEM

MAX_WIDGETS, MAX_METRICS_PER_WIDGET, MAX_METRICS = 500, 500, 2500
"""Limits of CloudWatch per dashboard; hidden metrics that only formulas use count as well.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

SECTIONS = {
    "1. Are users affected?": (
        "Alarms, errors and response times. If users are affected, section 2 shows whether the "
        "cause is one zone or all of them.",
        user_impact_rows,
    ),
    "2. Is one zone failing?": (
        "Each zone has the same color in all graphs. If the line of one zone differs from the "
        "others, this zone is failing.",
        zone_rows,
    ),
    "3. Is reserve capacity left?": (
        "Capacity for the next burst or the next zone failure. Missing pause pods are expected: "
        "other pods preempted them, and new nodes should start. Pods of apps that stay pending are "
        "not expected.",
        redundancy_rows,
    ),
    "4. Do the controllers work?": (
        "Container restarts, nodes, the Cluster Autoscaler, the Kubernetes API and NAT gateways.",
        controller_rows,
    ),
    "5. What do the logs show?": (
        "Each time these tables are displayed, their queries run and are charged. More queries are "
        "saved in Logs Insights, in the folder of the cell.",
        log_rows,
    ),
}
"""Explanation and rows of each section, by heading."""


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """Arguments of Dashboard."""

    sources: MetricSources
    """Sources of the metrics."""
    composites: Mapping[str, pulumi.Input[str]] = field(
        default_factory=dict[str, pulumi.Input[str]]
    )
    """ARN of each composite alarm, by name: impact and redundancy."""
    alarms: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """ARN of each metric alarm, by name; alarms on Route 53 health checks are in us-east-1."""


class Dashboard(pulumi.ComponentResource):
    """Creates the CloudWatch dashboard eks-CELL and the saved queries of the cell."""

    url: str
    """URL of the dashboard in the AWS console."""
    arn: pulumi.Output[str]
    """ARN of the dashboard."""

    def __init__(
        self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Dashboard", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        region = args.sources.region
        dashboard_name = f"eks-{args.sources.cell}"
        self.arn = cloudwatch.Dashboard(
            name,
            cloudwatch.DashboardArgs(
                dashboard_name=dashboard_name, dashboard_body=json_output(body(args))
            ),
            opts=child,
        ).dashboard_arn
        saved_queries(name, args.sources, child)
        console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        self.url = f"{console}#dashboards/dashboard/{dashboard_name}"
        self.register_outputs({"url": self.url, "arn": self.arn})


def body(args: DashboardArgs) -> Json:
    """Returns the body, with as many apps as the limits allow: exposed and critical apps first.

    `inherit` keeps the period of one minute for all time ranges: the number of ready nodes is a
    sum over exactly one minute.
    """
    sources = args.sources
    apps = sorted(sources.apps, key=lambda name: _rank(sources, name))
    shown = len(apps)
    while not _fits(widgets := _widgets(args, apps[:shown], apps[shown:])) and shown > 1:
        shown = shown * 9 // 10
    return {"start": "-PT3H", "periodOverride": "inherit", "widgets": widgets}


def _rank(sources: MetricSources, name: str) -> tuple[bool, bool]:
    return name not in sources.exposed, not sources.apps[name].critical


def _fits(widgets: Sequence[Json]) -> bool:
    counts = [len(cast("list[object]", _properties(each).get("metrics", []))) for each in widgets]
    return (
        len(widgets) <= MAX_WIDGETS
        and max(counts) <= MAX_METRICS_PER_WIDGET
        and sum(counts) <= MAX_METRICS
    )


def _properties(widget: Json) -> Json:
    return cast("Json", widget["properties"])


def _widgets(args: DashboardArgs, shown: Sequence[str], left_out: Sequence[str]) -> list[Json]:
    sources = _with_apps(args.sources, shown)
    return [*place(_rows(args, sources, left_out), sources.region)]


def _with_apps(sources: MetricSources, apps: Sequence[str]) -> MetricSources:
    """Returns the sources with only the given apps."""
    pods = {name: n for name, n in sources.headroom_pods.pods.items() if name in (*apps, SYSTEM)}
    return replace(
        sources,
        apps={name: sources.apps[name] for name in apps},
        target_groups=[each for each in sources.target_groups if each.app in apps],
        headroom_pods=replace(sources.headroom_pods, pods=pods),
    )


def _rows(args: DashboardArgs, sources: MetricSources, left_out: Sequence[str]) -> Iterator[Row]:
    if left_out:
        text = (
            f"**Apps that are not on this dashboard**: {', '.join(left_out)}. CloudWatch allows "
            f"{MAX_METRICS:,} metrics per dashboard. The alarms of these apps are shown."
        )
        yield Row([Text(markdown=text)], 2)
    for number, (heading, (explanation, section_rows)) in enumerate(SECTIONS.items()):
        yield Row([Text(markdown=f"## {heading}\n{explanation}")], 2)
        if number == 0:
            yield from _alarm_rows(args)
        yield from section_rows(sources)


def _alarm_rows(args: DashboardArgs) -> Iterator[Row]:
    names = [*args.alarms]
    parts = [names[start : start + MAX_ALARMS] for start in range(0, len(names), MAX_ALARMS)]
    widgets = [
        AlarmStates(title="metric alarms", alarms={name: args.alarms[name] for name in part})
        for part in parts
    ]
    if args.composites:
        title = "composite alarms: impact and redundancy"
        widgets.insert(0, AlarmStates(title=title, alarms=args.composites))
    yield from rows_of(widgets, 2, 5)
