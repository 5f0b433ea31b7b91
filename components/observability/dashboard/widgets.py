"""Widgets of a dashboard and their JSON.

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
    """Series to draw."""
    label: str
    """Label in the legend."""
    color: str | None = None
    """#rrggbb; None: CloudWatch chooses."""
    id: str | None = None
    """Name in formulas of the same graph: a lower-case letter, then letters and digits."""
    visible: bool = True
    """False if only formulas use the line."""

    def entry(self) -> list[object]:
        """Returns the JSON of the line, with the dimensions sorted by name."""
        series = self.series
        dimensions = [
            part for name in sorted(series.dimensions) for part in (name, series.dimensions[name])
        ]
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
    """A line that is calculated from other lines of the same graph."""

    expression: str
    """Metric math over the IDs of lines."""
    label: str
    """Label in the legend."""
    color: str | None = None
    """#rrggbb; None: CloudWatch chooses."""

    def entry(self) -> list[object]:
        """Returns the JSON of the formula."""
        color = {"color": self.color} if self.color else {}
        return [{"expression": self.expression, "label": self.label, **color}]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A horizontal annotation of a graph."""

    value: float
    """Value on the y-axis."""
    label: str
    """Label beside the annotation."""
    color: str
    """#rrggbb."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph over time whose y-axis starts at zero."""

    type: ClassVar[str] = "metric"
    title: str
    """Title."""
    unit: str
    """Label of the y-axis."""
    lines: Sequence[Line | Formula]
    """Lines and formulas."""
    limits: Sequence[Limit] = ()
    """Horizontal annotations."""
    region: str | None = None
    """Region of the metrics; None: region of the cell."""

    def properties(self, region: str) -> Json:
        """Returns the properties; `region` is the region of the cell."""
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
    """A table with the result of a log query."""

    type: ClassVar[str] = "log"
    title: str
    """Title."""
    query: LogQuery
    """Log query."""
    log_group: pulumi.Input[str]
    """Name of the log group."""

    def properties(self, region: str) -> Json:
        """Returns the properties; `region` is the region of the cell."""
        query = pulumi.Output.concat("SOURCE '", self.log_group, "' | ", self.query.text)
        return {"title": self.title, "view": "table", "region": region, "query": query}


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text."""

    type: ClassVar[str] = "text"
    markdown: str
    """Text in Markdown."""

    def properties(self, region: str) -> Json:
        """Returns the properties; `region` is the region of the cell."""
        return {"markdown": self.markdown, "background": "transparent"}


@dataclass(frozen=True, kw_only=True)
class AlarmStates:
    """The states of alarms."""

    type: ClassVar[str] = "alarm"
    title: str
    """Title."""
    alarms: Mapping[str, pulumi.Input[str]]
    """ARN of each alarm, by name; at most MAX_ALARMS."""

    def properties(self, region: str) -> Json:
        """Returns the properties; `region` is the region of the cell."""
        return {"title": self.title, "alarms": [*self.alarms.values()]}


MAX_ALARMS = 100
"""Maximum number of alarms in a widget."""

Widget = Graph | Table | Text | AlarmStates
