"""Practice runs of zonal shifts: their alarms do what ARC and the user expect of them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.alarm_evaluation import METRIC, alarms, children, goes_off
from tests.conftest import recording_of
from tests.stacks.metric_values import (
    group_of,
    healthy,
    in_alarm,
    metric,
    with_values,
    zone_failure,
)
from tools.recording import Recording, Resource

CONFIGURATION = "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration"
RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
PREFIX = "apps-below-need"

Practiced = tuple[Recording, list[Resource]]


@pytest.fixture(params=("prod", "prod-standby", "wide"))
def practiced(request: pytest.FixtureRequest) -> Practiced:
    """Returns a recording with practice runs, and their configurations."""
    recording = recording_of(request.param)
    found = [*recording.of_type(CONFIGURATION)]
    assert found, "the stack has no practice runs"
    return recording, found


def keys(recording: Recording, configuration: Resource, kind: str) -> list[str]:
    """Returns the keys of the alarms of a configuration."""
    inputs: Any = configuration.inputs
    return [
        each["alarmIdentifier"].partition(f":alarm:{recording.stack}/")[2]
        for each in inputs[f"{kind}Alarms"]
    ]


def blocking(recording: Recording, found: list[Resource]) -> Iterator[Resource]:
    for configuration in found:
        for key in keys(recording, configuration, "blocking"):
            yield alarms(recording)[key]


def test_a_lost_zone_does_not_block_practice_runs_but_redundancy_would(
    practiced: Practiced,
) -> None:
    recording, found = practiced
    assert [*blocking(recording, found)], "nothing keeps a practice run from starting"
    for zone in recording.settings.network.zones_in:
        data = zone_failure(recording, zone)
        in_alarm_now = [a.name for a in blocking(recording, found) if goes_off(a, data)]
        assert in_alarm_now == [], f"every practice run away from {zone} would be interrupted"
        for configuration in found:
            outcome = {*keys(recording, configuration, "outcome")}
            failing = [key for key in outcome if goes_off(alarms(recording)[key], data)]
            assert failing == [], f"every practice run away from {zone} would fail"
        assert in_alarm(recording, data) & {*children(recording, "redundancy")}, (
            "redundancy could be the blocking alarm after all"
        )


def test_an_app_below_its_need_blocks_practice_runs(practiced: Practiced) -> None:
    recording, found = practiced
    settings = recording.settings
    for app in settings.load_balancer("public").exposed:
        if app in settings.singletons:
            continue
        hosts = metric("HealthyHostCount", TargetGroup=group_of(recording, app))
        needed = settings.deployments[app].needed
        for value, blocked in ((needed - 1, True), (None, True), (needed, False)):
            data = with_values(healthy(recording), (hosts, value))
            assert any(goes_off(each, data) for each in blocking(recording, found)) is blocked
        # Until the data of the newest two minutes arrives, FILL yields 0.
        delayed = with_values(healthy(recording), (hosts, [needed] * 3 + [None] * 2))
        assert not any(goes_off(each, delayed) for each in blocking(recording, found))
    for worker in settings.workers:
        ready = metric("replicas_ready", Namespace=worker, PodName=worker)
        few = with_values(healthy(recording), (ready, settings.deployments[worker].needed - 1))
        assert any(goes_off(each, few) for each in blocking(recording, found))
        silent = with_values(healthy(recording), (ready, None))
        assert not any(goes_off(each, silent) for each in blocking(recording, found)), (
            "an agent that fails would end practice runs"
        )


def test_a_healthy_cell_can_be_practiced(practiced: Practiced) -> None:
    recording, found = practiced
    names = {key for e in found for kind in ("blocking", "outcome")
             for key in keys(recording, e, kind)}  # fmt: skip
    data = healthy(recording)
    assert [key for key in names if goes_off(alarms(recording)[key], data)] == []


def test_alarms_of_practice_runs_are_plain_and_within_the_limits_of_arc(
    practiced: Practiced,
) -> None:
    recording, found = practiced
    for configuration in found:
        for kind in ("blocking", "outcome"):
            names = keys(recording, configuration, kind)
            assert 1 <= len(names) == len({*names}) <= 10
            for key in names:
                assert alarms(recording)[key].type == METRIC
                assert alarms(recording)[key].urn in recording.before(configuration)
        outcome = keys(recording, configuration, "outcome")
        assert {*keys(recording, configuration, "blocking")} <= {*outcome}
        assert [key for key in outcome if key.startswith(PREFIX)], "no app's pods are watched"


def test_every_resource_that_can_be_shifted_is_practiced_once(practiced: Practiced) -> None:
    recording, found = practiced
    balancers = len(recording.settings.load_balancers)
    arns = {str(each.inputs["resourceArn"]) for each in found}
    assert len(arns) == len(found) == balancers + recording.settings.cluster.zonal_shift
    windows = [each.inputs["allowedWindows"] for each in found]
    assert len({str(each) for each in windows}) == len(windows), "two zones could be out at once"


def test_subscribers_learn_of_every_event_of_a_shift(practiced: Practiced) -> None:
    recording, _ = practiced
    [rule] = [e for e in recording.of_type(RULE) if e.name == "resilience-zonal-shifts"]
    pattern: Any = json.loads(str(rule.inputs["eventPattern"]))
    assert pattern["source"] == ["aws.arc-zonal-shift"]
    assert {"Practice Run Failed", "Autoshift In Progress"} <= {*pattern["detail-type"]}
    [target] = [e for e in recording.of_type(TARGET) if e.inputs["rule"] == rule.inputs["name"]]
    inputs: Any = target.inputs
    transformer = inputs["inputTransformer"]
    used = {*re.findall(r"<(\w+)>", json.loads(transformer["inputTemplate"]))}
    assert used == {*transformer["inputPaths"]}, "a notification would show a placeholder"
    region = recording.settings.aws.region
    assert str(inputs["arn"]).startswith(f"arn:aws:sns:{region}:")


def test_the_alarm_exists_only_if_something_reads_it(recording: Recording) -> None:
    found = [key for key in alarms(recording) if key.startswith(PREFIX)]
    assert bool(found) is recording.settings.resilience.stopped_by_alarms
