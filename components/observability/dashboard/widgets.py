"""What is on a dashboard, as CloudWatch is asked for it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.observability.metric_sources import Series
from core.log_queries import LogQuery

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Line:
    """A series on a graph."""

    series: Series
    """The series."""
    label: str
    """What the legend calls it."""
    color: str | None = None
    """#rrggbb; default: CloudWatch chooses."""
    id: str | None = None
    """What formulas of the same graph call it: a lower-case letter, then letters and digits."""
    visible: bool = True
    """Whether it is drawn, or only there for formulas."""

    def entry(self) -> list[object]:
        """The series, with its dimensions in the order of their names."""
        series = self.series
        dimensions = [part for name in sorted(series.of) for part in (name, series.of[name])]
        style = {
            "label": self.label,
            "stat": series.statistic,
            "period": series.period,
            **({"color": self.color} if self.color else {}),
            **({"id": self.id} if self.id else {}),
            **({} if self.visible else {"visible": False}),
        }
        return [series.metric.namespace, series.metric.name, *dimensions, style]


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A line that is worked out of others of the same graph."""

    expression: str
    """Metric math over their ids."""
    label: str
    """What the legend calls it."""
    color: str | None = None
    """#rrggbb; default: CloudWatch chooses."""

    def entry(self) -> list[object]:
        """The formula."""
        color = {"color": self.color} if self.color else {}
        return [{"expression": self.expression, "label": self.label, **color}]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A level on a graph that lines are held against."""

    value: float
    """Where it is."""
    label: str
    """What it means."""
    color: str
    """#rrggbb."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Lines over time, from zero up."""

    type: ClassVar[str] = "metric"
    title: str
    """What it shows."""
    unit: str
    """What is counted."""
    lines: Sequence[Line | Formula]
    """The lines, and what they are worked out of."""
    limits: Sequence[Limit] = ()
    """Levels that they are held against."""
    region: str | None = None
    """Region of the metrics; default: that of the cell."""

    def properties(self, region: str) -> Json:
        """What CloudWatch is told of it, in a region."""
        limits = [vars(limit) for limit in self.limits]
        return {
            "title": self.title,
            "view": "timeSeries",
            "region": self.region or region,
            "period": 60,
            "metrics": [line.entry() for line in self.lines],
            "yAxis": {"left": {"min": 0, "label": self.unit, "showUnits": False}},
            **({"annotations": {"horizontal": limits}} if limits else {}),
        }


@dataclass(frozen=True, kw_only=True)
class Table:
    """What a query of logs answers."""

    type: ClassVar[str] = "log"
    title: str
    """What it shows."""
    query: LogQuery
    """The query."""
    log_group: pulumi.Input[str]
    """Name of its log group."""

    def properties(self, region: str) -> Json:
        """What CloudWatch is told of it, in a region."""
        query = pulumi.Output.concat("SOURCE '", self.log_group, "' | ", self.query.text)
        return {"title": self.title, "view": "table", "region": region, "query": query}


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words."""

    type: ClassVar[str] = "text"
    markdown: str
    """The words, in Markdown."""

    def properties(self, region: str) -> Json:
        """What CloudWatch is told of it, in a region."""
        return {"markdown": self.markdown, "background": "transparent"}


@dataclass(frozen=True, kw_only=True)
class States:
    """Alarms, and how they stand."""

    type: ClassVar[str] = "alarm"
    title: str
    """What they are about."""
    alarms: Mapping[str, pulumi.Input[str]]
    """ARN of each, by name, at most ALARMS."""

    def properties(self, region: str) -> Json:
        """What CloudWatch is told of them, in a region."""
        return {"title": self.title, "alarms": [*self.alarms.values()]}


ALARMS = 100
"""Alarms of a widget at most."""

Widget = Graph | Table | Text | States
