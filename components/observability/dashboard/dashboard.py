"""The dashboard of a cell: five questions, from what users see down to the logs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import pulumi
from pulumi_aws import cloudwatch

from components.observability.dashboard.controllers import machinery
from components.observability.dashboard.grid import Row, laid_out, rows_of
from components.observability.dashboard.logs import logs
from components.observability.dashboard.output_json import as_json
from components.observability.dashboard.redundancy import reserve
from components.observability.dashboard.saved_queries import saved_queries
from components.observability.dashboard.users import users
from components.observability.dashboard.widgets import ALARMS, Json, States, Text
from components.observability.dashboard.zones import zones
from components.observability.metric_sources import MetricSources
from core.availability.zone_loss import SYSTEM

WIDGETS, OF_WIDGET, METRICS = 500, 500, 2500
"""Widgets, metrics of one, and metrics of all, at most, those that only formulas read among them.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

QUESTIONS = {
    "Are users hurt?": (
        "What people get who use the cell. Then: is it one zone, or all of them?",
        users,
    ),
    "Is a zone in trouble?": (
        "A zone has the same colour everywhere. One line that leaves the others is a zone.",
        zones,
    ),
    "Is there reserve?": (
        "What is left for the next burst, or the next zone. Pods of the headroom that are pending "
        "have given way, as they should; those of apps wait.",
        reserve,
    ),
    "Does the machinery work?": ("What brings nodes, starts pods and lets them out.", machinery),
    "What do the logs say?": (
        "Each look at these tables is a query. More are saved in Logs Insights, in the folder of "
        "the cell.",
        logs,
    ),
}
"""What each section answers, how to read it, and what it is made of."""


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """What the dashboard of a cell needs."""

    metric_sources: MetricSources
    """The cell."""
    composites: Mapping[str, pulumi.Input[str]] = field(
        default_factory=dict[str, pulumi.Input[str]]
    )
    """ARN of each composite alarm, by name: impact and redundancy."""
    alarms: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """ARN of each other alarm, by name; those of Route 53's metrics are of us-east-1."""


class Dashboard(pulumi.ComponentResource):
    """One CloudWatch dashboard, called eks-CELL, and the queries that go with it."""

    url: str
    """Where people look at it: in the console of AWS."""

    def __init__(
        self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Dashboard", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        region, own = args.metric_sources.region, f"eks-{args.metric_sources.cell}"
        cloudwatch.Dashboard(
            name,
            cloudwatch.DashboardArgs(dashboard_name=own, dashboard_body=as_json(body(args))),
            opts=child,
        )
        saved_queries(name, args.metric_sources, child)
        console = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        self.url = f"{console}#dashboards/dashboard/{own}"
        self.register_outputs({"url": self.url})


def body(args: DashboardArgs) -> Json:
    """All of it, with as many apps as CloudWatch's limits let in: exposed ones before others.

    Periods are kept, whatever time is looked at: pods that are pending are a sum of one minute.
    """
    by_rank = sorted(args.metric_sources.apps, key=lambda name: _rank(args.metric_sources, name))
    shown = len(by_rank)
    while not _fits(widgets := _widgets(args, by_rank[:shown], by_rank[shown:])) and shown > 1:
        shown = shown * 9 // 10
    return {"start": "-PT3H", "periodOverride": "inherit", "widgets": widgets}


def _rank(metric_sources: MetricSources, name: str) -> tuple[bool, bool]:
    app = metric_sources.apps[name]
    return app.expose is None, not app.critical


def _fits(widgets: Sequence[Json]) -> bool:
    counts = [len(cast("list[object]", _properties(each).get("metrics", []))) for each in widgets]
    return len(widgets) <= WIDGETS and max(counts) <= OF_WIDGET and sum(counts) <= METRICS


def _properties(widget: Json) -> Json:
    return cast("Json", widget["properties"])


def _widgets(args: DashboardArgs, shown: Sequence[str], left_out: Sequence[str]) -> list[Json]:
    metric_sources = _only(args.metric_sources, shown)
    return [*laid_out(_rows(args, metric_sources, left_out), metric_sources.region)]


def _only(metric_sources: MetricSources, apps: Sequence[str]) -> MetricSources:
    """A cell with some of its apps."""
    pods = {
        name: n for name, n in metric_sources.headroom_pods.pods.items() if name in (*apps, SYSTEM)
    }
    return replace(
        metric_sources,
        apps={name: metric_sources.apps[name] for name in apps},
        target_groups={
            n: metric_sources.target_groups[n] for n in apps if n in metric_sources.target_groups
        },
        headroom_pods=replace(metric_sources.headroom_pods, pods=pods),
    )


def _rows(
    args: DashboardArgs, metric_sources: MetricSources, left_out: Sequence[str]
) -> Iterator[Row]:
    if left_out:
        names = ", ".join(left_out)
        text = f"**Not on this dashboard**, which is full: {names}. Their alarms are."
        yield Row([Text(markdown=text)], 2)
    for number, (question, (hint, section)) in enumerate(QUESTIONS.items()):
        yield Row([Text(markdown=f"## {question}\n{hint}")], 2)
        if number == 0:
            yield from _alarms(args)
        yield from section(metric_sources)


def _alarms(args: DashboardArgs) -> Iterator[Row]:
    names = [*args.alarms]
    parts = [names[start : start + ALARMS] for start in range(0, len(names), ALARMS)]
    states = [
        States(title="every alarm", alarms={name: args.alarms[name] for name in part})
        for part in parts
    ]
    if args.composites:
        states.insert(0, States(title="impact and redundancy", alarms=args.composites))
    yield from rows_of(states, 2, 5)
