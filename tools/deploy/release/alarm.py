"""Watches the composite alarm `impact` during a release."""

import re
import threading
from collections.abc import Callable
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


def minutes_of(recording: Recording, name: str, app: str) -> int:
    """Returns the minutes after which a composite alarm has evaluated a release of an app.

    Alarms of other apps do not count; the name of an alarm of an app is CELL/app/APP/….
    """
    rules = {
        str(each.inputs["alarmName"]): str(each.inputs["alarmRule"])
        for each in recording.of_type(_COMPOSITE)
    }
    members, pending = set[str](), [name]
    while pending:
        found = _MEMBER.findall(rules.get(pending.pop(), ""))
        pending += [each for each in found if each in rules]
        members |= {*found}
    return evaluation_minutes(
        each
        for each in recording.of_type(_METRIC)
        for member in members & {str(each.inputs["name"])}
        if "/app/" not in member or member.startswith(f"{recording.stack}/app/{app}/")
    )


def reader(ask: Ask, name: str, region: str) -> ReadAlarm:
    """Returns a function that reads a composite alarm.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """

    def read() -> str | None:
        answer = ask(
            *("cloudwatch", "describe-alarms", "--alarm-names", name),
            *("--alarm-types", "CompositeAlarm", "--region", region),
        )
        try:
            [alarm] = answer["CompositeAlarms"]
            return str(alarm["StateReason"]) if alarm["StateValue"] == "ALARM" else None
        except (LookupError, TypeError, ValueError) as error:
            raise AwsError(f"the alarm {name} does not exist in {region}") from error

    return read
