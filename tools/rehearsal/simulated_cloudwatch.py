"""CloudWatch, EventBridge and CloudWatch Logs in the region of Route 53, in simulated time.

Only alarms on one metric in this region are evaluated.
"""

import json
import re
from collections import deque
from collections.abc import Mapping
from typing import Any, cast

from core.facts.metrics import ROUTE53_REGION
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.references import Values

Key = tuple[str, str, str | None]
"""Namespace and name of a metric, and the ID of the health check that it is about."""

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_KEPT = 200
"""Values of a metric that are kept: more than 15 minutes with one value every 10 seconds."""
_PATTERN = re.compile(r'\{ \$\.(?P<path>[\w.]+) = "(?P<value>\w+)" \}')
"""Pattern of a metric filter that compares one field of a JSON log event.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""


class SimulatedCloudWatch:
    """Metrics, and the states of alarms."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud
        self._alarms = [
            each.inputs
            for each in cloud.of_type(_ALARM)
            if each.inputs.get("region") == ROUTE53_REGION and "metricName" in each.inputs
        ]
        self._data: dict[Key, deque[tuple[int, float]]] = {}
        self.states: dict[str, str] = {}
        """State of each alarm, by name."""

    def publish(self, key: Key, value: float, now: int) -> None:
        """Adds a value to a metric."""
        self._data.setdefault(key, deque(maxlen=_KEPT)).append((now, value))

    def alarm(self, name: str) -> Values:
        """Returns the inputs of an alarm."""
        [found] = [each for each in self._alarms if each["name"] == name]
        return found

    def breaches(self, alarm: Values, now: int, periods_ago: int = 0) -> bool | None:
        """True if the metric of an alarm crosses its threshold in a period; None without data."""
        end = now - periods_ago * int(alarm["period"])
        values = [
            value
            for time, value in self._data.get(_key_of(alarm), ())
            if end - int(alarm["period"]) < time <= end
        ]
        if not values:
            return None
        if alarm["comparisonOperator"] == "LessThanThreshold":
            assert alarm["statistic"] == "Minimum"
            return min(values) < alarm["threshold"]
        assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["statistic"] == "Maximum"
        return max(values) >= alarm["threshold"]

    def evaluate(self, now: int) -> None:
        """Evaluates all alarms, and sends an event for each change of a state.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        """
        for alarm in self._alarms:
            name, before = alarm["name"], self.states.get(alarm["name"], "INSUFFICIENT_DATA")
            state = self._state(alarm, now, before)
            if state != before:
                self.states[name] = state
                self._send(_event(name, before, state), now)

    def _state(self, alarm: Values, now: int, before: str) -> str:
        periods = int(alarm["evaluationPeriods"])
        found = [self.breaches(alarm, now, number) for number in range(periods)]
        missing = alarm["treatMissingData"]
        if missing == "ignore" and None in found:
            return before
        breaching = [each if each is not None else missing == "breaching" for each in found]
        needed = int(alarm.get("datapointsToAlarm") or periods)
        return "ALARM" if sum(breaching) >= needed else "OK"

    def _send(self, event: Mapping[str, Any], now: int) -> None:
        """Sends an event to the log groups of all rules that match, if their policies permit it."""
        cloud = self._cloud
        permitted = {
            each.inputs["resourceArn"]
            for each in cloud.of_type("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
        }
        for rule in cloud.of_type("aws:cloudwatch/eventRule:EventRule"):
            if not _matches(json.loads(rule.inputs["eventPattern"]), event):
                continue
            for target in cloud.of_type("aws:cloudwatch/eventTarget:EventTarget"):
                arn = target.inputs["arn"]
                if target.inputs["rule"] == rule.inputs["name"] and arn in permitted:
                    self._log(arn, event, now)

    def _log(self, arn: str, event: Mapping[str, Any], now: int) -> None:
        """Publishes the metrics of the filters that match a log event."""
        [group] = [
            each.inputs["name"]
            for each in self._cloud.of_type("aws:cloudwatch/logGroup:LogGroup")
            if each.outputs["arn"] == arn
        ]
        for each in self._cloud.of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter"):
            if each.inputs["logGroupName"] == group and _selects(each.inputs["pattern"], event):
                metric = each.inputs["metricTransformation"]
                key = (metric["namespace"], metric["name"], None)
                self.publish(key, float(metric["value"]), now)


def _key_of(alarm: Values) -> Key:
    dimensions: Values = alarm.get("dimensions") or {}
    return alarm["namespace"], alarm["metricName"], dimensions.get("HealthCheckId")


def _event(alarm: str, before: str, after: str) -> Mapping[str, Any]:
    """Returns the event of a change of an alarm.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    """
    return {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "detail": {
            "alarmName": alarm,
            "previousState": {"value": before},
            "state": {"value": after},
        },
    }


def _matches(pattern: object, value: object) -> bool:
    """True if a value matches an event pattern of plain values and prefixes.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    if isinstance(pattern, dict):
        fields = cast("Mapping[str, Any]", value)
        return all(
            key in fields and _matches(each, fields[key])
            for key, each in cast("Mapping[str, object]", pattern).items()
        )
    return any(
        str(value).startswith(each["prefix"]) if isinstance(each, dict) else value == each
        for each in cast("list[str | dict[str, str]]", pattern)
    )


def _selects(pattern: str, event: Mapping[str, Any]) -> bool:
    """True if the pattern of a metric filter selects a log event."""
    found = _PATTERN.fullmatch(pattern)
    assert found, pattern
    value: Any = event
    for part in found["path"].split("."):
        value = value.get(part, {})
    return value == found["value"]
