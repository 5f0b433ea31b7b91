"""Times of CloudWatch alarms."""

from collections.abc import Iterable
from typing import Any, cast

from tools.recording import Resource

_DELAY = 5
"""Minutes until CloudWatch has the data of a metric, at the latest."""


def evaluation_minutes(alarms: Iterable[Resource]) -> int:
    """Returns the longest time that an alarm evaluates, and the delay of metrics, in minutes."""
    inputs = [cast("dict[str, Any]", each.inputs) for each in alarms]  # Any: JSON of any shape
    return _DELAY + max(each["evaluationPeriods"] * _period(each) // 60 for each in inputs)


def _period(alarm: dict[str, Any]) -> int:
    queries = alarm.get("metricQueries") or ()
    return int(alarm.get("period") or next(q["metric"]["period"] for q in queries if "metric" in q))
