"""Times of CloudWatch alarms."""

from collections.abc import Iterable
from typing import Any, cast

from tools.recording import Resource

_DAY = 86_400
_DELAY = 5
"""Minutes until CloudWatch has the data of a metric, at the latest."""


def evaluation_minutes(alarms: Iterable[Resource]) -> int:
    """Returns the longest time that an alarm evaluates, and the delay of metrics, in minutes.

    Alarms on a value a day, such as the days until a certificate expires, are left out.
    """
    inputs = [cast("dict[str, Any]", each.inputs) for each in alarms]  # Any: JSON of any shape
    times = [(each["evaluationPeriods"], _period(each)) for each in inputs]
    return _DELAY + max(count * period // 60 for count, period in times if period < _DAY)


def _period(alarm: dict[str, Any]) -> int:
    queries = alarm.get("metricQueries") or ()
    return int(alarm.get("period") or next(q["metric"]["period"] for q in queries if "metric" in q))
