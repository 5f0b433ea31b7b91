"""Resets latches with a fake of CloudWatch that has their alarms and metrics."""

from typing import Any

import pytest

from core.failover_latch import LatchNames
from tests.live.cells import settings_of
from tests.tools.deploy.check.aws_shapes import problems
from tools.fleet.interfaces import FleetError
from tools.fleet.latch import latches_of, recent_failures, reset_latches, set_latches

LATCH, WEB = "prod/failed-over", "prod/failover/web"
PUBLIC = LatchNames(cell="prod", internal=False)


class CloudWatch:
    """Alarms by name; a failback resets the latch after some reads of its state."""

    def __init__(self, until_ok: int = 2, **states: str) -> None:
        self.states = {LATCH: "ALARM", WEB: "OK", **states}
        self.until_ok, self.written = until_ok, list[str]()

    def ask(self, *arguments: str) -> Any:
        output = self._answer(*arguments)
        assert [*problems(arguments, output or {})] == []
        return output

    def _answer(self, *arguments: str) -> Any:
        assert arguments[arguments.index("--region") + 1] == "us-east-1"
        if arguments[1] == "put-metric-data":
            self.written.append(" ".join(arguments[2:]))
            return None
        if self.written:
            self.until_ok -= 1
            if self.until_ok == 0:
                self.states[LATCH] = "OK"
        return {
            "MetricAlarms": [
                {"AlarmName": name, "StateValue": state}
                for name, state in self.states.items()
                if name in arguments
            ]
        }


def test_a_0_in_its_metric_resets_a_latch() -> None:
    cloud, said, waits = CloudWatch(), list[str](), list[float]()
    assert set_latches(cloud.ask, [PUBLIC]) == [PUBLIC]
    reset_latches(cloud.ask, [PUBLIC], said.append, waits.append)
    assert said == ["wrote 0 to the metric of the latch; Route 53 reads it within some minutes"]
    assert cloud.written == [
        "--namespace ha-eks/prod --metric-data MetricName=FailedOver,Value=0 --region us-east-1"
    ]
    assert waits == [10, 10], "the command returned before the latch was reset"
    assert not set_latches(cloud.ask, [PUBLIC])


def test_a_latch_that_stays_set_is_reported() -> None:
    cloud, waits = CloudWatch(until_ok=1000), list[float]()
    internal = LatchNames(cell="prod", internal=True)
    with pytest.raises(FleetError, match=r"^prod/failed-over: still in alarm after 15 minutes"):
        reset_latches(cloud.ask, [internal, PUBLIC], lambda _: None, waits.append)
    assert sum(waits) == 15 * 60


def test_an_app_that_failed_lately_prevents_the_failback() -> None:
    """Its next failure would not set the latch, because its alarm would not change."""
    assert [*recent_failures(CloudWatch().ask, "prod", settings_of())] == []
    cloud = CloudWatch(**{WEB: "ALARM"})
    assert [*recent_failures(cloud.ask, "prod", settings_of())] == [
        "latch: the alarm prod/failover/web is ALARM: its health check has failed in 3 of the last "
        "15 minutes; wait until the alarm is OK"
    ]
    new = CloudWatch(**{WEB: "INSUFFICIENT_DATA"})
    assert [*recent_failures(new.ask, "prod", settings_of())], (
        "its next failure is no change from OK"
    )


def test_only_a_primary_cell_that_waits_for_a_person_has_latches() -> None:
    assert latches_of("prod", settings_of()) == [PUBLIC]
    for change in (
        (("ha-eks:traffic", "failback"), "automatic"),
        (("ha-eks:traffic", "role"), "secondary"),
    ):
        assert latches_of("prod", settings_of(change)) == []


def test_a_load_balancer_without_a_domain_has_no_latch() -> None:
    both = {"routes": [{"path": "/"}, {"path": "/", "internal": True}]}
    change = (("ha-eks:apps", "web", "expose"), both)
    assert latches_of("prod", settings_of(change)) == [PUBLIC]


def test_without_latches_no_alarm_is_read() -> None:
    def ask(*arguments: str) -> Any:
        raise AssertionError("the AWS CLI refuses --alarm-names without names")

    assert set_latches(ask, []) == []


def test_a_latch_that_does_not_exist_is_not_set() -> None:
    cloud = CloudWatch()
    del cloud.states[LATCH]
    assert set_latches(cloud.ask, [PUBLIC]) == []
