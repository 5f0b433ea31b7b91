"""Failover and failback of the shipped cells; each check finds a broken part."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.live.cells import settings_of
from tests.shared_recordings import recorded
from tools.rehearsal.failover import Pair, created, failover, play
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.run import ScenarioError, Step

CHECK = "aws:route53/healthCheck:HealthCheck"
CLOUDWATCH = "aws:cloudwatch"


@pytest.fixture(scope="module")
def pair() -> Pair:
    names = ("prod", "prod-standby")
    return Pair(
        primary="prod",
        secondary="prod-standby",
        settings=recorded("prod").settings,
        clouds={name: created(recorded(name)) for name in names},
    )


def played(pair: Pair) -> Sequence[str]:
    """Returns the results of the steps."""
    steps: list[Step] = []
    play(pair, steps.append)
    return [each.result for each in steps]


def test_the_shipped_cells_fail_over_and_fail_back(pair: Pair) -> None:
    assert played(pair) == [
        "Route 53 answers with prod-standby after 30s, computed 30s; with propagation and TTL, "
        "clients reach it within 150s",
        "all users get prod, also when only prod-standby still fails",
        "prod-standby serves until make failback, an hour later; then prod, whose next failure "
        "waits for a person again",
        "after a failure of one minute, prod serves again by itself",
        "after three failures of one minute in 15 minutes, prod-standby serves",
        "prod-standby serves; prod fails back by itself: run make drain first",
    ]


def inputs_of(cloud: FakeCloud, type_: str, name: str) -> dict[str, Any]:
    [found] = [each for each in cloud.of_type(type_) if each.name == name]
    return found.inputs


@pytest.mark.parametrize(
    ("type_", "name", "key", "value", "step"),
    [
        (CHECK, "traffic", "failureThreshold", 5, None),
        (CHECK, "traffic-all", "childHealthThreshold", 1, "the primary cell fails"),
        (CHECK, "traffic-all", "childHealthThreshold", 3, "prod-standby serves, not prod"),
        (CHECK, "traffic-latch", "insufficientDataHealthStatus", "Healthy", "recovers"),
        (f"{CLOUDWATCH}/logMetricFilter:LogMetricFilter", "traffic-latch", "pattern",
         '{ $.detail.state.value = "OK" }', "recovers"),
        (f"{CLOUDWATCH}/logResourcePolicy:LogResourcePolicy", "traffic-latch", "resourceArn", "",
         "recovers"),
        (f"{CLOUDWATCH}/eventTarget:EventTarget", "traffic-latch", "rule", "other", "recovers"),
        (f"{CLOUDWATCH}/metricAlarm:MetricAlarm", "traffic-latch-web", "datapointsToAlarm", 15,
         "recovers"),
        (f"{CLOUDWATCH}/metricAlarm:MetricAlarm", "traffic-latch-web", "evaluationPeriods", 3,
         "make failback is allowed at once"),
        (f"{CLOUDWATCH}/metricAlarm:MetricAlarm", "traffic-latch-web", "datapointsToAlarm", 1,
         "a short failure"),
    ],
)  # fmt: skip
def test_a_broken_part_is_found(
    pair: Pair,
    monkeypatch: pytest.MonkeyPatch,
    type_: str,
    name: str,
    key: str,
    value: object,
    step: str | None,
) -> None:
    monkeypatch.setitem(inputs_of(pair.clouds["prod"], type_, name), key, value)
    if step is None:
        assert "after 50s, computed 50s" in played(pair)[0]
        return
    with pytest.raises(ScenarioError, match=step):
        played(pair)


def test_an_automatic_failback_is_played_too(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of((("ha-eks:traffic", "failback"), "automatic"))
    check = inputs_of(pair.clouds["prod"], CHECK, "traffic-all")
    monkeypatch.setitem(check, "childHealthchecks", check["childHealthchecks"][:1])
    monkeypatch.setitem(check, "childHealthThreshold", 1)
    assert len(played(replace(pair, settings=settings))) == 2


def test_a_stack_without_failover_is_skipped() -> None:
    steps: list[Step] = []
    add: Callable[[Step], None] = steps.append
    failover(recorded("dev"), add)
    assert [(each.skipped, each.result) for each in steps] == [
        (True, "the stack file has no public domain with policy: failover")
    ]
