"""Promises of an experiment, by the alarms that must stay OK, and what CloudWatch has seen.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from core.experiments.alarm_keys import key_pattern
from core.load_balancers import INTERNAL_SUFFIX
from tools.deploy.aws_cli import Ask, time_of
from tools.deploy.check.alarms import described
from tools.deploy.check.result import Object
from tools.deploy.experiment.metric_values import (
    Query,
    Value,
    queries_of,
    ready_pods_query,
    time_text,
    values_of,
)
from tools.deploy.release.alarm import members_of

_LIMITS = {
    "LessThanThreshold": ("at least", "lowest", 1),
    "LessThanOrEqualToThreshold": ("above", "lowest", 1),
    "GreaterThanThreshold": ("at most", "highest", -1),
    "GreaterThanOrEqualToThreshold": ("below", "highest", -1),
}
"""By comparison: words for the limit and for the worst value, and the factor by which the worst
value becomes the lowest one."""

_UNITS = {"errors": "%", "latency": " s", "slow": " s", "hosts": " pods", "ready": " pods"}
"""Units of the values, by the last part of the key of an alarm."""

_TRANSITION = re.compile(r"from (\w+) to (\w+)")
"""States in a line of the history, such as `Alarm updated from OK to ALARM`."""


class Period(NamedTuple):
    """A time in which an alarm was in alarm."""

    start: datetime | None
    """None: it was in alarm before the run."""
    end: datetime | None
    """None: it is still in alarm."""

    def __str__(self) -> str:
        """Returns the time in words, such as `12:04 to 12:09`."""
        start, end = (each and f"{each:%H:%M}" for each in self)
        if start is None:
            return f"until {end}" if end else "all the time"
        return f"{start} to {end}" if end else f"since {start}"


class Change(NamedTuple):
    """A change of the state of an alarm."""

    time: datetime
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Promise:
    """An alarm that must stay OK."""

    alarm: str
    """Key of the alarm."""
    limit: str
    """Limit of the value in words; empty for a composite alarm."""
    worst: Value | None
    """Value that came closest to the limit, or passed it."""
    seen: str
    """Worst value in words; empty for a composite alarm."""
    in_alarm: Sequence[Period]

    @property
    def kept(self) -> bool:
        """True if the alarm stayed OK."""
        return not self.in_alarm

    def __str__(self) -> str:
        """Returns one line."""
        alarm = f"in alarm {', '.join(map(str, self.in_alarm))}" if self.in_alarm else ""
        parts = [self.limit, self.seen, alarm] if self.limit else [alarm or "never in alarm"]
        found = "; ".join(filter(None, parts))
        return f"{'kept' if self.kept else 'BROKEN':8}{self.alarm}: {found}"


@dataclass(frozen=True, kw_only=True)
class Window:
    """The alarms and metrics of a cell during a run. Each method raises AwsError."""

    ask: Ask
    cell: str
    region: str
    """Region of the alarms."""
    start: datetime
    end: datetime

    def promises(self, holds: Sequence[str]) -> Sequence[Promise]:
        """Returns a promise for each alarm that must stay OK.

        A composite alarm comes with the alarms that it consists of, so that their values show how
        close the cell came to its limits.
        """
        metric, composite = described(self.ask, self.cell, self.region)
        rules = {str(each["AlarmName"]): str(each["AlarmRule"]) for each in composite}
        by_name = {str(each["AlarmName"]): each for each in metric}
        names = {*rules, *by_name}
        held = [
            name
            for pattern in map(key_pattern, holds)
            for name in sorted(names)
            if pattern.fullmatch(self._key(name))
        ]
        held += [name for each in held for name in sorted(members_of(rules, each) & names)]
        measured = [each for each in dict.fromkeys(held) if each in by_name]
        values = self._values([[*queries_of(by_name[each])] for each in measured])
        found = dict(zip(measured, values, strict=True))
        all_alarms = {str(each["AlarmName"]): each for each in (*metric, *composite)}
        return [
            self._promise(name, all_alarms[name], found.get(name, []))
            for name in dict.fromkeys(held)
        ]

    def went_off(self) -> set[str]:
        """Returns the keys of the alarms that went off."""
        return {self._key(name) for name, changes in self._history.items() if _periods(changes)}

    def ready_pods(self, needed: Mapping[str, int]) -> Mapping[str, Value | None]:
        """Returns the lowest number of ready pods of each app; None without data.

        The metric is that of Container Insights, so that workers and singletons have it too.
        """
        values = self._values([[ready_pods_query(self.cell, app)] for app in needed])
        return {
            app: min(found, key=lambda each: each.value, default=None)
            for app, found in zip(needed, values, strict=True)
        }

    def _promise(self, name: str, alarm: Object, values: Sequence[Value]) -> Promise:
        key, limit, seen, worst = self._key(name), "", "", None
        if "ComparisonOperator" in alarm:
            words, extreme, sign = _LIMITS[alarm["ComparisonOperator"]]
            unit = unit_of(key)
            limit, seen = f"{words} {alarm['Threshold']:.4g}{unit}", "no data"
            if values:
                worst = min(values, key=lambda each: sign * each.value)
                seen = f"{extreme} {worst.value:.4g}{unit} at {worst.time:%H:%M}"
        in_alarm = _periods(self._history.get(name, []))
        since = time_of(alarm["StateUpdatedTimestamp"])
        if alarm["StateValue"] == "ALARM" and since < self.start:
            in_alarm = [Period(None, None)]
        return Promise(alarm=key, limit=limit, worst=worst, seen=seen, in_alarm=in_alarm)

    def _key(self, name: str) -> str:
        return name.removeprefix(f"{self.cell}/")

    @cached_property
    def _history(self) -> Mapping[str, Sequence[Change]]:
        """Changes of the state of each alarm, by its name."""
        found: dict[str, list[Change]] = defaultdict(list)
        answer = self.ask(
            *("cloudwatch", "describe-alarm-history"),
            *("--alarm-types", "MetricAlarm", "CompositeAlarm"),
            *("--history-item-type", "StateUpdate", "--scan-by", "TimestampAscending"),
            *("--start-date", time_text(self.start), "--end-date", time_text(self.end)),
            *("--region", self.region),
        )
        for each in answer["AlarmHistoryItems"]:
            states = _TRANSITION.search(each["HistorySummary"])
            if states and each["AlarmName"].startswith(f"{self.cell}/"):
                change = Change(time_of(each["Timestamp"]), states[1], states[2])
                found[each["AlarmName"]].append(change)
        return found

    def _values(self, queried: Sequence[Sequence[Query]]) -> Sequence[Sequence[Value]]:
        return values_of(self.ask, self.region, self.start, self.end, queried)


def unit_of(key: str) -> str:
    """Returns the unit of the values of an alarm; empty if they have none."""
    return _UNITS.get(key.rpartition("/")[2].removesuffix(INTERNAL_SUFFIX), "")


def _periods(changes: Sequence[Change]) -> Sequence[Period]:
    """Returns the times in alarm."""
    found: list[Period] = []
    start: datetime | None = None
    for each in changes:
        if each.new == "ALARM":
            start = each.time
        elif each.old == "ALARM":
            found.append(Period(start, each.time))
            start = None
    return [*found, *([Period(start, None)] if start else [])]
