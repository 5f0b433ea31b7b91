"""What CloudWatch makes of an alarm as a plan has it: when it goes off, on given values.

As far as it is documented: missing data, M of N, and of metric math what the alarms here use.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.recording import Recording, Resource

METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"

Values = Sequence[float | None]
"""Of the periods that are looked at, the last one last; None where there is no data."""
Data = Callable[["Measured"], float | Values | None]
"""What was measured: one value for all periods, or one for each."""

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
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Measured:
    """A metric that an alarm looks at."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: int

    @property
    def workload(self) -> tuple[str | None, str | None]:
        """Namespace and name of a workload."""
        return self.dimensions.get("Namespace"), self.dimensions.get("PodName")


def alarms(recording: Recording) -> dict[str, Resource]:
    """The metric alarms of a plan by key: their names without the cell's."""
    return {
        str(each.inputs["name"]).removeprefix(f"{recording.stack}/"): each
        for each in recording.of_type(METRIC)
    }


def measured(alarm: Resource) -> dict[str, Measured]:
    """What an alarm looks at, by the names that its expression has for it."""
    inputs: Any = alarm.inputs
    if "metricQueries" not in inputs:
        statistic = inputs.get("statistic") or inputs["extendedStatistic"]
        of = inputs.get("dimensions", {})
        own = Measured(inputs["namespace"], inputs["metricName"], of, statistic, inputs["period"])
        return {"only": own}
    return {
        query["id"]: Measured(
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
    """Whether an alarm is in alarm when its last periods have given values."""
    inputs: Any = alarm.inputs
    periods = inputs["evaluationPeriods"]
    needed = inputs.get("datapointsToAlarm", periods)
    tree = ast.parse(expression(alarm), mode="eval").body
    over = 0
    for period in range(periods):
        named = {name: _at(data(each), period) for name, each in measured(alarm).items()}
        value = _value(tree, named)
        if value is None:
            over += inputs["treatMissingData"] == "breaching"
        else:
            over += _COMPARISONS[inputs["comparisonOperator"]](value, inputs["threshold"])
    return over >= needed


def _at(values: float | Values | None, period: int) -> float | None:
    return values[period] if isinstance(values, Sequence) else values


def _value(node: ast.expr, named: Mapping[str, float | None]) -> float | None:
    """Missing counts as 0 where another value is there; x / 0 is dropped."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return named[node.id]
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        assert node.func.id == "FILL"
        series, fill = (_value(each, named) for each in node.args)
        return fill if series is None else series
    assert isinstance(node, ast.BinOp)
    left, right = _value(node.left, named), _value(node.right, named)
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
    """Keys of the metric alarms that one over others is over, through its parts."""
    [over] = [
        e
        for e in recording.of_type(COMPOSITE)
        if e.inputs["alarmName"] == f"{recording.stack}/{key}"
    ]
    parts = {str(each.inputs["alarmName"]) for each in recording.of_type(COMPOSITE)}
    for name in ruled(over):
        own = name.removeprefix(f"{recording.stack}/")
        if name in parts:
            yield from children(recording, own)
        else:
            yield own


def ruled(over: Resource) -> list[str]:
    """Names in the rule of an alarm over others."""
    rule = str(over.inputs["alarmRule"])
    names = [part.removeprefix('ALARM("').removesuffix('")') for part in rule.split(" OR ")]
    assert rule == " OR ".join(f'ALARM("{name}")' for name in names)
    return names
