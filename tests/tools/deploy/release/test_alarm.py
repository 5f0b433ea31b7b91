"""The alarm on impact is read during a release."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.conftest import recording_of
from tools.deploy.aws_cli import AwsError
from tools.deploy.release.alarm import AlarmWatch, impact_of, minutes_of, reader
from tools.recording import Recording

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def states(*values: str | AwsError | None) -> Callable[[], str | None]:
    """Returns a reader of an alarm that returns or raises the values in turn."""
    pending = [*values]

    def read() -> str | None:
        value = pending.pop(0)
        if isinstance(value, AwsError):
            raise value
        return value

    return read


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((None, None, None), ""),
        ((None, "errors", "errors"), "errors"),
        (("before", "before", "before"), ""),
        (("before", None, "again"), "again"),
        ((None, "first", "second"), "first"),
        (("before", AwsError("no network"), "before"), ""),
        ((None, AwsError("no network"), "errors"), "errors"),
    ],
)
def test_an_alarm_goes_off_when_it_was_ok(
    values: Sequence[str | AwsError | None], reason: str
) -> None:
    watch = AlarmWatch(states(*values), lambda _: None)
    for _ in values[1:]:
        watch.look(NOW)
    assert (watch.reason, watch.gone_off.is_set()) == (reason, bool(reason))


def test_an_alarm_that_cannot_be_read_twice_in_a_row_is_reported_once() -> None:
    lines: list[str] = []
    error = AwsError("no network")
    watch = AlarmWatch(states(None, error, None, error, error, error), lines.append)
    for _ in range(3):
        watch.look(NOW)
    assert lines == [], "one failed read, such as because of Ctrl-C, would be reported"
    for _ in range(2):
        watch.look(NOW)
    assert lines == ["the alarm cannot be read: no network"]
    with pytest.raises(AwsError):
        AlarmWatch(states(error), lines.append)


def test_the_alarm_on_impact_is_that_of_the_recording(recording: Recording) -> None:
    name = impact_of(recording)
    assert name
    assert name == f"{recording.stack}/impact"
    # Five periods of a minute, and five minutes until CloudWatch has the data.
    assert minutes_of(recording, name, next(iter(recording.settings.apps))) == 10
    without = tuple(each for each in recording.resources if "CompositeAlarm" not in each.type)
    assert impact_of(replace(recording, resources=without)) is None


def test_members_of_parts_of_a_composite_alarm_count() -> None:
    recording = recording_of("prod")
    [impact] = [
        each
        for each in recording.of_type("aws:cloudwatch/compositeAlarm:CompositeAlarm")
        if each.inputs["alarmName"] == "prod/impact"
    ]
    part = replace(impact, urn="part", inputs={**impact.inputs, "alarmName": "prod/impact/1"})
    over = replace(impact, inputs={**impact.inputs, "alarmRule": 'ALARM("prod/impact/1")'})
    others = tuple(each for each in recording.resources if each is not impact)
    split = replace(recording, resources=(*others, over, part))
    assert minutes_of(split, "prod/impact", "web") == 10


@pytest.mark.parametrize(
    ("alarm", "app", "minutes"),
    [
        ("balancer/errors", "cache", 35),
        ("app/web/errors", "web", 35),
        ("app/web/errors", "cache", 10),
    ],
)
def test_alarms_of_the_cell_count_for_each_app_and_those_of_other_apps_do_not(
    alarm: str, app: str, minutes: int
) -> None:
    recording = recording_of("prod")
    changed = [
        replace(each, inputs={**each.inputs, "evaluationPeriods": 30, "period": 60})
        if each.inputs.get("name") == f"prod/{alarm}"
        else each
        for each in recording.resources
    ]
    assert changed != [*recording.resources]
    changed_recording = replace(recording, resources=tuple(changed))
    assert minutes_of(changed_recording, "prod/impact", app) == minutes


@pytest.mark.parametrize(("state", "reason"), [("OK", None), ("ALARM", "why")])
def test_the_state_of_the_alarm_is_read(state: str, reason: str | None) -> None:
    def ask(*arguments: str) -> object:
        assert " ".join(arguments) == (
            "cloudwatch describe-alarms --alarm-names prod/impact --alarm-types CompositeAlarm "
            "--region us-east-1"
        )
        alarm = {"AlarmName": "prod/impact", "StateValue": state, "StateReason": "why"}
        return {"CompositeAlarms": [alarm]}

    assert reader(ask, "prod/impact", "us-east-1")() == reason


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"CompositeAlarms": []}, "the alarm prod/impact does not exist in us-east-1"),
        ({}, "aws: cloudwatch describe-alarms: unexpected answer: {}"),
        (None, "aws: cloudwatch describe-alarms: unexpected answer: None"),
    ],
)
def test_an_alarm_that_does_not_exist_is_an_error(answer: object, message: str) -> None:
    with pytest.raises(AwsError) as error:
        reader(lambda *_: answer, "prod/impact", "us-east-1")()
    assert str(error.value) == message
