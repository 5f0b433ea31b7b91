"""The health of a cell is that of its Route 53 health checks and of its alarms."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.live.cells import settings_of
from tests.tools.deploy.check.aws_shapes import problems
from tools.deploy.aws_cli import AwsError
from tools.fleet.health import health_of
from tools.fleet.interfaces import Health

DOMAIN = "app.example.com."
CHECKS: Mapping[str, Mapping[str, Any]] = {
    "app": {"Type": "CALCULATED", "ChildHealthChecks": ["a"], "HealthThreshold": 1},
    "all": {"Type": "CALCULATED", "ChildHealthChecks": ["a", "b"], "HealthThreshold": 2},
    "drained": {"Type": "CALCULATED", "ChildHealthChecks": ["a", "b"], "HealthThreshold": 3},
    "latched": {
        "Type": "CALCULATED",
        "ChildHealthChecks": ["a", "b", "latch"],
        "HealthThreshold": 3,
    },
    "a": {"Type": "HTTPS"},
    "b": {"Type": "HTTPS"},
    "latch": {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": "us-east-1", "Name": "prod/failed-over"},
    },
}


class Cloud:
    """Answers of AWS for a cell, in the shapes of botocore."""

    def __init__(self, check: str) -> None:
        self.check = check
        self.values: dict[str, list[float] | None] = {}
        """Newest values of the metric by health check, or None without a result; others are
        healthy."""
        self.states = {"prod/impact": "OK", "prod/redundancy": "OK"}
        self.queried: list[str] = []
        self.latch = "OK"

    def ask(self, *arguments: str) -> Any:
        answer = self._answer(*arguments)
        assert [*problems(arguments, answer)] == []
        return answer

    def _answer(self, *arguments: str) -> Any:
        match arguments[1]:
            case "list-resource-record-sets":
                record = {"Name": DOMAIN, "SetIdentifier": "prod", "HealthCheckId": self.check}
                return {
                    "ResourceRecordSets": [
                        {**record, "Type": "A"},
                        {**record, "Type": "AAAA"},
                        {"Name": DOMAIN, "Type": "A", "SetIdentifier": "x", "HealthCheckId": "x"},
                    ]
                }
            case "get-health-check":
                config = CHECKS[arguments[-1]]
                return {"HealthCheck": {"Id": arguments[-1], "HealthCheckConfig": config}}
            case "describe-alarms" if "prod/failed-over" in arguments:
                assert arguments[-1] == "us-east-1"
                alarm = {"AlarmName": "prod/failed-over", "StateValue": self.latch}
                return {"MetricAlarms": [alarm]}
            case "describe-alarms":
                alarms = [
                    {"AlarmName": name, "StateValue": state, "StateReason": "why"}
                    for name, state in self.states.items()
                ]
                return {"CompositeAlarms": alarms}
            case _:
                assert arguments[arguments.index("--region") + 1] == "us-east-1"
                assert arguments[arguments.index("--scan-by") + 1] == "TimestampDescending"
                queries = json.loads(arguments[arguments.index("--metric-data-queries") + 1])
                ids = [each["MetricStat"]["Metric"]["Dimensions"][0]["Value"] for each in queries]
                self.queried = ids
                assert {each["MetricStat"]["Stat"] for each in queries} == {"Minimum"}
                values = [self.values.get(each, [1.0, 0.0]) for each in ids]
                results = [{"Values": each} for each in values if each is not None]
                return {"MetricDataResults": results}


@pytest.mark.parametrize(
    ("check", "queried", "drained"),
    [
        ("app", ["a"], False),
        ("all", ["a", "b"], False),
        ("latched", ["a", "b"], False),
        ("drained", ["a", "b"], True),
    ],
)
def test_a_cell_is_healthy(check: str, queried: list[str], drained: bool) -> None:
    cloud = Cloud(check)
    assert health_of(cloud.ask, "prod", settings_of()) == Health(
        serving=True, drained=drained, impact=None, redundancy=None
    )
    assert cloud.queried == queried, "a latch that is set would be an unhealthy app"


@pytest.mark.parametrize("check", ["all", "drained"])
@pytest.mark.parametrize("values", [[0.0, 1.0], None])
def test_a_failed_health_check_is_unhealthy(check: str, values: list[float] | None) -> None:
    cloud = Cloud(check)
    cloud.values = {"b": values}
    health = health_of(cloud.ask, "prod", settings_of())
    assert not health.serving
    assert health.problem == "Route 53 finds the cell unhealthy"


@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA"])
def test_an_alarm_that_is_not_ok_is_told_with_its_reason(state: str) -> None:
    cloud = Cloud("app")
    cloud.states = dict.fromkeys(cloud.states, state)
    health = health_of(cloud.ask, "prod", settings_of())
    assert health.impact == health.redundancy == f"{state}: why"
    assert health.problem == f"the alarm impact is {state}: why"


def test_health_checks_without_data_are_not_healthy() -> None:
    cloud = Cloud("app")
    cloud.values = {"a": []}
    with pytest.raises(AwsError, match="no data of its health checks for 5 minutes"):
        health_of(cloud.ask, "prod", settings_of())


def test_a_cell_without_a_record_is_told() -> None:
    with pytest.raises(AwsError, match=r"app\.example\.com has no record of own; run make up"):
        health_of(Cloud("app").ask, "own", settings_of())


@pytest.mark.parametrize(("state", "failed_over"), [("ALARM", True), ("INSUFFICIENT_DATA", False)])
def test_a_cell_has_failed_over_while_its_latch_is_set(state: str, failed_over: bool) -> None:
    cloud = Cloud("latched")
    cloud.latch = state
    health = health_of(cloud.ask, "prod", settings_of())
    assert (health.failed_over, health.problem) == (failed_over, None)
    assert health.out == ("failed over" if failed_over else None)
