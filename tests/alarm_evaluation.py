"""Evaluates the alarms of a recording as CloudWatch would, for given metric values.

Implements the documented rules for missing data, M of N, and the metric math of the alarms.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tools.recording import Recording, Resource

METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
LOG_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

Values = Sequence[float | None]
"""Values of the evaluated periods, oldest first; None: missing data."""
Data = Callable[["MetricQuery"], float | Values | None]
"""Returns the values of a metric: one value for all periods, or one per period."""

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
}
_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right,
}


@dataclass(frozen=True)
class MetricQuery:
    """A metric that an alarm evaluates."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: int

    @property
    def workload(self) -> tuple[str | None, str | None]:
        """Namespace and name of the workload in the dimensions."""
        return self.dimensions.get("Namespace"), self.dimensions.get("PodName")


def all_alarms(recording: Recording) -> Iterator[Resource]:
    """Yields the metric and composite alarms of a recording."""
    yield from metric_alarms(recording)
    yield from recording.of_type(COMPOSITE)


def alarms(recording: Recording) -> dict[str, Resource]:
    """Returns the metric alarms of a recording by key: the name without the name of the cell."""
    return {
        str(each.inputs["name"]).removeprefix(f"{recording.stack}/"): each
        for each in metric_alarms(recording)
    }


def metric_alarms(recording: Recording) -> list[Resource]:
    """Returns the metric alarms, without that of a failover latch.

    Only Route 53 reads the alarm of a latch: the alarms that set it notify the subscribers.
    """
    return [each for each in recording.of_type(METRIC) if "FailoverLatch$" not in each.urn]


def queries_of(alarm: Resource) -> dict[str, MetricQuery]:
    """Returns the metrics that an alarm evaluates, by their names in its expression."""
    inputs: Any = alarm.inputs
    if "metricQueries" not in inputs:
        statistic = inputs.get("statistic") or inputs["extendedStatistic"]
        dimensions = inputs.get("dimensions", {})
        single = MetricQuery(
            inputs["namespace"], inputs["metricName"], dimensions, statistic, inputs["period"]
        )
        return {"only": single}
    return {
        query["id"]: MetricQuery(
            each["namespace"], each["metricName"], each.get("dimensions", {}), each["stat"],
            each["period"],
        )
        for query in inputs["metricQueries"]
        if (each := query.get("metric"))
    }  # fmt: skip


def expression(alarm: Resource) -> str:
    queries: Any = alarm.inputs.get("metricQueries", [])
    return next((each["expression"] for each in queries if "expression" in each), "only")


def goes_off(alarm: Resource, data: Data) -> bool:
    """True if the alarm is in alarm after periods with the given data."""
    inputs: Any = alarm.inputs
    periods = inputs["evaluationPeriods"]
    needed = inputs.get("datapointsToAlarm", periods)
    tree = _parsed(expression(alarm))
    found = {name: data(each) for name, each in queries_of(alarm).items()}
    breaching = 0
    for period in range(periods):
        values = {name: _at(each, period) for name, each in found.items()}
        value = _value(tree, values)
        if value is None:
            breaching += inputs["treatMissingData"] == "breaching"
        else:
            breaching += _COMPARISONS[inputs["comparisonOperator"]](value, inputs["threshold"])
    return breaching >= needed


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _at(values: float | Values | None, period: int) -> float | None:
    return values[period] if isinstance(values, Sequence) else values


def _value(node: ast.expr, values: Mapping[str, float | None]) -> float | None:
    """Evaluates metric math: missing data counts as 0 beside another value; x / 0 has no value."""
    if isinstance(node, ast.Constant):
        assert isinstance(node.value, int | float)
        return node.value
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Compare):
        left, right = _value(node.left, values), _value(node.comparators[0], values)
        [operation] = node.ops
        assert isinstance(operation, ast.Lt)
        return None if left is None or right is None else float(left < right)
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        if node.func.id == "IF":
            condition, true, false = (_value(each, values) for each in node.args)
            return true if condition else false
        assert node.func.id == "FILL"
        series, fill = (_value(each, values) for each in node.args)
        return fill if series is None else series
    assert isinstance(node, ast.BinOp)
    left, right = _value(node.left, values), _value(node.right, values)
    if left is None and right is None:
        return None
    if left is None and isinstance(node.right, ast.Constant):
        return None
    if right is None and isinstance(node.left, ast.Constant):
        return None
    if isinstance(node.op, ast.Div) and not right:
        return None
    return _ARITHMETIC[type(node.op)](left or 0, right or 0)


def children(recording: Recording, key: str) -> Iterator[str]:
    """Yields the keys of the metric alarms in a composite alarm, through its parts."""
    [composite] = [
        e
        for e in recording.of_type(COMPOSITE)
        if e.inputs["alarmName"] == f"{recording.stack}/{key}"
    ]
    parts = {str(each.inputs["alarmName"]) for each in recording.of_type(COMPOSITE)}
    for name in members(composite):
        member = name.removeprefix(f"{recording.stack}/")
        if name in parts:
            yield from children(recording, member)
        else:
            yield member


def members(composite: Resource) -> list[str]:
    """Returns the names in the rule of a composite alarm."""
    rule = str(composite.inputs["alarmRule"])
    names = [part.removeprefix('ALARM("').removesuffix('")') for part in rule.split(" OR ")]
    assert rule == " OR ".join(f'ALARM("{name}")' for name in names)
    return names
