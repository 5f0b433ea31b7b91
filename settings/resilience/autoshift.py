"""`autoshift`: zonal autoshift of Amazon Application Recovery Controller (ARC), and practice runs.

https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-autoshift.html
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

from settings.reading.section import Section, Unique, refuse

Practiced = Literal["cluster", "loadBalancer", "internalLoadBalancer"]
"""A resource that ARC shifts, by its key in `practiceWindows`."""

PRACTICE_RUN_MINUTES = 30
"""Minutes for which a practice run shifts traffic.
https://docs.aws.amazon.com/r53recovery/latest/dg/introduction-components-zonal-autoshift.html"""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_WINDOW = re.compile(rf"({'|'.join(_DAYS)}):({_TIME})-\1:({_TIME})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEEK = 7 * 24 * 60


class Window(NamedTuple):
    """A weekly window as minutes from Monday 00:00 UTC."""

    start: int
    """First minute."""
    end: int
    """First minute after the window."""

    def meets(self, other: "Window") -> bool:
        """True if practice runs that start in the two windows can run at the same time."""
        until_other = (other.start - self.start) % _WEEK
        until_self = (self.start - other.start) % _WEEK
        return (
            until_other < self.end - self.start + PRACTICE_RUN_MINUTES
            or until_self < other.end - other.start + PRACTICE_RUN_MINUTES
        )


def window_of(text: str) -> Window:
    """Returns a window of the stack file, such as `Tue:13:00-Tue:17:00`."""
    start, end = (_minute(each) for each in text.split("-"))
    return Window(start, end)


def _minute(text: str) -> int:
    day, hours, minutes = text.split(":")
    return (_DAYS.index(day) * 24 + int(hours)) * 60 + int(minutes)


def _window(value: str) -> str:
    if not _WINDOW.fullmatch(value) or window_of(value).end <= window_of(value).start:
        raise refuse(
            "must be a time span of one day in UTC, from earlier to later, such as "
            "Tue:13:00-Tue:17:00"
        )
    return value


def _date(value: str) -> str:
    try:
        valid = bool(_DATE.fullmatch(value) and date.fromisoformat(value))
    except ValueError:
        valid = False
    if not valid:
        raise refuse('must be a date in quotes, such as "2026-12-24"')
    return value


Windows = Annotated[
    tuple[Annotated[str, AfterValidator(_window)], ...],
    Field(min_length=1, max_length=15),
    Unique,
]
"""Weekly windows in UTC, at most 15.
https://docs.aws.amazon.com/arc-zonal-shift/latest/api/API_CreatePracticeRunConfiguration.html"""


class PracticeWindows(Section):
    """Weekly windows in which ARC starts practice runs, in UTC; ARC starts none at other times.

    ARC practices each resource on its own, away from a zone that ARC selects. The windows of two
    resources must be at least 30 minutes apart, the duration of a practice run: otherwise ARC can
    take the cluster out of one zone and the load balancer out of another zone at the same time.
    """

    cluster: Windows = ("Tue:13:00-Tue:17:00",)
    """Windows of the cluster, at most 15. Default: Tuesdays from 13:00 to 17:00 UTC."""
    load_balancer: Windows = ("Wed:13:00-Wed:17:00",)
    """Windows of the public load balancer, at most 15. Default: Wednesdays from 13:00 to 17:00
    UTC."""
    internal_load_balancer: Windows = ("Thu:13:00-Thu:17:00",)
    """Windows of the internal load balancer, at most 15. Default: Thursdays from 13:00 to 17:00
    UTC."""

    def of(self, resource: Practiced) -> Windows:
        """Returns the windows of a resource."""
        return {
            "cluster": self.cluster,
            "loadBalancer": self.load_balancer,
            "internalLoadBalancer": self.internal_load_balancer,
        }[resource]


class Autoshift(Section):
    """AWS moves traffic of the cluster and the load balancers away from a zone that AWS finds
    impaired, and practices this move about once a week for 30 minutes.

    Practice runs end early, and fail, while alarms of apps are in alarm; none starts while an app
    has fewer healthy pods than needed.
    """

    practice_only: bool = False
    """True: ARC starts practice runs, but AWS does not shift traffic on its own. Default: false."""
    practice_windows: PracticeWindows = PracticeWindows()
    """Weekly windows of practice runs, by resource. Default: four hours of one weekday for each
    resource."""
    observer: bool = False
    """True: ARC reports every autoshift that AWS starts in the region, also of zones in which the
    account has no resource with autoshift. This is one setting of the account and region: write it
    in one cell only. Default: false, so that autoshifts of the account's resources are reported."""
    blocked_dates: Annotated[
        tuple[Annotated[str, AfterValidator(_date)], ...], Field(max_length=15), Unique
    ] = ()
    """Dates on which ARC starts no practice run, in UTC and in quotes, such as `"2026-12-24"`, at
    most 15. Default: none."""


def meeting(
    windows: Mapping[Practiced, Windows],
) -> Iterator[tuple[Practiced, int, Practiced, str]]:
    """Yields windows of different resources whose practice runs can meet.

    A result is the later resource, the index of its window, the other resource and its window.
    """
    for (one, of_one), (other, of_other) in combinations(windows.items(), 2):
        for index, second in enumerate(of_other):
            for first in of_one:
                if window_of(first).meets(window_of(second)):
                    yield other, index, one, first
