"""Cron schedules as the CronJob controller of Kubernetes reads them.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
https://github.com/robfig/cron/blob/v3.0.1/parser.go
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

MACROS: Mapping[str, str] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""Schedules by the names that replace them."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MINUTES_PER_DAY = 1440
_FIRST_DAY, _DAYS = date(2024, 1, 1), 8 * 366
"""Days that are searched: February 29 occurs at least once in eight years."""


class ScheduleError(ValueError):
    """A schedule that Kubernetes refuses, or that never runs; the message says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class _Field:
    """One of the five fields of a schedule."""

    name: str
    """Name in messages."""
    first: int
    """Lowest value."""
    last: int
    """Highest value."""
    words: Sequence[str] = ()
    """Names of the values from `first` on."""


_FIELDS = (
    _Field(name="minute", first=0, last=59),
    _Field(name="hour", first=0, last=23),
    _Field(name="day of the month", first=1, last=31),
    _Field(name="month", first=1, last=12, words=_MONTHS),
    _Field(name="day of the week", first=0, last=6, words=_WEEKDAYS),
)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Times at which a job starts."""

    minutes: frozenset[int]
    """Minutes of the day: 0 is midnight."""
    days: frozenset[int]
    """Days of the month."""
    months: frozenset[int]
    """Months."""
    weekdays: frozenset[int]
    """Days of the week: 0 is Sunday."""
    either_day: bool
    """True: a day matches by its day of the month or of the week; False: by both. Cron matches by
    both if one of the two fields begins with a star."""

    def runs_on(self, day: date) -> bool:
        """True if the job starts on a day."""
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        matches = in_month or in_week if self.either_day else in_month and in_week
        return matches and day.month in self.months

    @property
    def longest_pause(self) -> int:
        """Longest time between two starts in minutes, without changes of the clock."""
        return max(self._pauses())

    @property
    def shortest_pause(self) -> int:
        """Shortest time between two starts in minutes, without changes of the clock."""
        return min(self._pauses())

    def _pauses(self) -> list[int]:
        """Returns times between two starts in minutes, of which some may be there several times."""
        days = [*self._days()]
        first, last = min(self.minutes), max(self.minutes)
        within = [after - before for before, after in pairwise(sorted(self.minutes))]
        between = [
            (after - before) * _MINUTES_PER_DAY - last + first for before, after in pairwise(days)
        ]
        return [*within, *between]

    @property
    def never_runs(self) -> bool:
        """True if no date matches."""
        return next(self._days(), None) is None

    def _days(self) -> Iterator[int]:
        for number in range(_DAYS):
            if self.runs_on(_FIRST_DAY + timedelta(days=number)):
                yield number


def schedule(text: str) -> Schedule:
    """Returns the schedule of an expression with five fields, or of a name such as @daily.

    Raises ScheduleError for an expression that Kubernetes refuses, or that never runs.
    """
    fields = MACROS.get(text, text).split()
    if len(fields) != len(_FIELDS):
        raise ScheduleError(f"has {len(fields)} fields")
    minutes, hours, days, months, weekdays = (
        _values(written, field) for written, field in zip(fields, _FIELDS, strict=True)
    )
    found = Schedule(
        minutes=frozenset(hour * 60 + minute for hour in hours for minute in minutes),
        days=days,
        months=months,
        weekdays=weekdays,
        either_day=not any(_is_star(fields[number]) for number in (2, 4)),
    )
    if found.never_runs:
        raise ScheduleError("names a day that does not exist")
    return found


def _is_star(written: str) -> bool:
    """True if a field restricts nothing for the choice of days: a star with a step does."""
    return any(each in ("*", "?", "*/1", "?/1") for each in written.split(","))


def _values(written: str, field: _Field) -> frozenset[int]:
    """Returns the values of a field: a list of ranges with steps."""
    return frozenset(value for part in written.split(",") for value in _range(part, field))


def _range(part: str, field: _Field) -> Sequence[int]:
    bounds, slash, step = part.partition("/")
    low, dash, high = bounds.partition("-")
    if bounds in ("*", "?"):
        first, last = field.first, field.last
    else:
        first = _number(low, field)
        last = _number(high, field) if dash else field.last if slash else first
    if slash and not (step.isascii() and step.isdigit() and int(step)):
        written = f"the step {step}" if step else "an empty step"
        raise ScheduleError(f"has {written} in the {field.name}; write 1 or more")
    if first > last:
        order = f"; {field.words[0]} is {field.first}" if field.words else ""
        raise ScheduleError(f"has the {field.name} {part}, which ends before it begins{order}")
    return range(first, last + 1, int(step or 1))


def _number(text: str, field: _Field) -> int:
    if text.lower() in field.words:
        return field.first + field.words.index(text.lower())
    if not (text.isascii() and text.isdigit() and field.first <= int(text) <= field.last):
        words = f", or {field.words[0]} to {field.words[-1]}" if field.words else ""
        written = f"the {field.name} {text}" if text else f"an empty value in the {field.name}"
        raise ScheduleError(f"has {written}; allowed are {field.first} to {field.last}{words}")
    return int(text)
