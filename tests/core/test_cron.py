"""Cron schedules: what Kubernetes accepts, when a job starts, and the longest pause."""

from datetime import date

import pytest

from core.cron import ScheduleError, schedule

DAY = 1440


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("* * * * *", 1),
        ("*/5 * * * *", 5),
        ("5/20 * * * *", 20),
        ("0,10 * * * *", 50),
        ("@hourly", 60),
        ("0 9-17 * * *", 16 * 60),
        ("@daily", DAY),
        ("30 4 * * MON-fri", 3 * DAY),
        ("@weekly", 7 * DAY),
        ("@monthly", 31 * DAY),
        ("0 0 29 2 ?", 4 * 365 * DAY + DAY),
    ],
)
def test_the_longest_pause_is_that_between_two_starts(text: str, minutes: int) -> None:
    assert schedule(text).longest_pause == minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("@hourly", 60), ("0,45 3 * * *", 45), ("0,59 0,23 * * *", 1), ("0 0,23 * * 1,3", 23 * 60)],
)
def test_the_shortest_pause_is_within_a_day_or_over_midnight(text: str, minutes: int) -> None:
    assert schedule(text).shortest_pause == minutes


def test_two_restricted_days_match_either_and_a_star_matches_both() -> None:
    """As in cron: https://github.com/robfig/cron/blob/v3.0.1/spec.go, dayMatches. A star with a
    step restricts."""
    monday_the_second, sunday_the_first = date(2026, 11, 2), date(2026, 11, 1)
    assert schedule("0 0 1 * 1").runs_on(monday_the_second)
    assert schedule("0 0 1 * 1").runs_on(sunday_the_first)
    assert not schedule("0 0 1 * *").runs_on(monday_the_second)
    assert schedule("0 0 1 * */2").runs_on(date(2026, 11, 3)), "a Tuesday"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("* * * *", "has 4 fields"),
        ("0 0 * * * *", "has 6 fields"),
        ("60 * * * *", "has the minute 60; allowed are 0 to 59"),
        ("x * * * *", "has the minute x; allowed are 0 to 59"),
        ("1, * * * *", "has an empty value in the minute; allowed are 0 to 59"),
        ("* 24 * * *", "has the hour 24; allowed are 0 to 23"),
        ("* * 0 * *", "has the day of the month 0; allowed are 1 to 31"),
        ("* * * 13 *", "has the month 13; allowed are 1 to 12, or jan to dec"),
        ("* * * * 7", "has the day of the week 7; allowed are 0 to 6, or sun to sat"),
        (
            "* * * * mon-sun",
            "has the day of the week mon-sun, which ends before it begins; sun is 0",
        ),
        ("5-1 * * * *", "has the minute 5-1, which ends before it begins"),
        ("*/0 * * * *", "has the step 0 in the minute; write 1 or more"),
        ("*/ * * * *", "has an empty step in the minute; write 1 or more"),
        ("0 0 31 2,4 *", "names a day that does not exist"),
    ],
)
def test_a_schedule_that_kubernetes_refuses_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        schedule(text)

    assert str(caught.value) == message
