"""Cron expressions as AWS services read them, from those that Kubernetes reads.

AWS has a field for the year, counts days of the week from 1, and allows only one of the two fields
for days: the other one is a question mark.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions
"""

from collections.abc import Collection

from core.cron import ScheduleError, schedule

_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def aws_expression(text: str) -> str:
    """Returns a schedule with five fields, or a name such as @daily, as an expression of AWS.

    Raises ScheduleError for an invalid schedule, and for one that AWS cannot express.
    """
    found = schedule(text)
    hours, minutes = {each // 60 for each in found.minutes}, {each % 60 for each in found.minutes}
    days, weekdays = _list(found.days, 31), _list(found.weekdays, 7)
    if days != "*" and weekdays != "*":
        raise ScheduleError(
            "restricts both days of the month and days of the week; AWS allows one of the two"
        )
    if weekdays == "*":
        weekdays = "?"
    else:
        days, weekdays = "?", ",".join(_WEEKDAYS[each] for each in sorted(found.weekdays))
    fields = (_list(minutes, 60), _list(hours, 24), days, _list(found.months, 12), weekdays, "*")
    return f"cron({' '.join(fields)})"


def _list(values: Collection[int], all_: int) -> str:
    """Returns a list of values, or a star for all of them."""
    return "*" if len(values) == all_ else ",".join(str(each) for each in sorted(values))
