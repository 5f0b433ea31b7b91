"""Watches the composite alarm `impact` during a release."""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from tools.deploy.alarm_times import evaluation_minutes
from tools.deploy.aws_cli import Ask, AwsError, why
from tools.recording import Recording

_COMPOSITE, _METRIC = (
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
)
_MEMBER = re.compile(r'ALARM\("([^"]+)"\)')

ReadAlarm = Callable[[], str | None]
"""Returns the reason of the state if an alarm is in alarm, otherwise None; raises AwsError."""


class AlarmWatch:
    """Sets an event when an alarm goes off.

    An alarm that is in alarm at the start goes off only after it was OK: a release may be the
    remedy.
    """

    def __init__(self, read: ReadAlarm, report: Callable[[str], None]) -> None:
        """Reads the state; raises AwsError."""
        self._read, self._report = read, report
        self._failures = 0
        self.gone_off = threading.Event()
        """Set when the alarm goes off."""
        self.reason = ""
        """Reason why the alarm went off."""
        self.before = read()
        """Reason of the alarm at the last read; None: OK."""

    def look(self, now: datetime) -> None:
        """Reads the state of the alarm."""
        try:
            reason = self._read()
        except AwsError as error:
            self._failures += 1
            if self._failures == 2:
                self._report(f"the alarm cannot be read: {why(error)}")
            return
        self._failures = 0
        if reason and not self.before and not self.gone_off.is_set():
            self.reason = reason
            self.gone_off.set()
        self.before = reason


def impact_of(recording: Recording) -> str | None:
    """Returns the name of the alarm on impact; None if the cell has none."""
    name = f"{recording.stack}/impact"
    names = [str(each.inputs["alarmName"]) for each in recording.of_type(_COMPOSITE)]
    return name if name in names else None


def minutes_of(recording: Recording, name: str, app: str | None = None) -> int:
    """Returns the minutes after which a composite alarm has evaluated a change of the cell.

    If only an app changes, alarms of other apps do not count; the name of an alarm of an app is
    CELL/app/APP/….
    """
    rules = {
        str(each.inputs["alarmName"]): str(each.inputs["alarmRule"])
        for each in recording.of_type(_COMPOSITE)
    }
    members = members_of(rules, name)
    return evaluation_minutes(
        each
        for each in recording.of_type(_METRIC)
        for member in members & {str(each.inputs["name"])}
        if app is None
        or "/app/" not in member
        or member.startswith(f"{recording.stack}/app/{app}/")
    )


def members_of(rules: Mapping[str, str], name: str) -> set[str]:
    """Returns the names of the alarms in a composite alarm, also of those in parts of it.

    `rules` are the rules of the composite alarms, by name.
    """
    members, pending = set[str](), [name]
    while pending:
        found = _MEMBER.findall(rules.get(pending.pop(), ""))
        pending += [each for each in found if each in rules]
        members |= {*found}
    return members


def reader(ask: Ask, name: str, region: str) -> ReadAlarm:
    """Returns a function that reads a composite alarm."""

    def read() -> str | None:
        [(state, reason)] = composite_states(ask, [name], region)
        return reason if state == "ALARM" else None

    return read


def composite_states(ask: Ask, names: Sequence[str], region: str) -> Sequence[tuple[str, str]]:
    """Returns the state of each composite alarm, and the reason; raises AwsError.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    answer = ask(
        *("cloudwatch", "describe-alarms", "--alarm-names", *names),
        *("--alarm-types", "CompositeAlarm", "--region", region),
    )
    try:
        found = {
            str(each["AlarmName"]): (str(each["StateValue"]), str(each["StateReason"]))
            for each in answer["CompositeAlarms"]
        }
    except (LookupError, TypeError) as error:
        raise AwsError(f"aws: cloudwatch describe-alarms: unexpected answer: {answer}") from error
    for name in names:
        if name not in found:
            raise AwsError(f"the alarm {name} does not exist in {region}")
    return [found[name] for name in names]
