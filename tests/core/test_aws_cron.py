"""Schedules of Kubernetes as expressions of AWS."""

import pytest

from core.aws_cron import aws_expression
from core.cron import ScheduleError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 3 * * *", "cron(0 3 * * ? *)"),
        ("@hourly", "cron(0 * * * ? *)"),
        ("*/20 0-4/2 * * *", "cron(0,20,40 0,2,4 * * ? *)"),
        ("30 4 * * 0,6", "cron(30 4 ? * SUN,SAT *)"),
        ("30 4 * * mon-fri", "cron(30 4 ? * MON,TUE,WED,THU,FRI *)"),
        ("0 0 1,15 * *", "cron(0 0 1,15 * ? *)"),
        ("0 0 1 jan,jul *", "cron(0 0 1 1,7 ? *)"),
        ("0 3 * * 0-6", "cron(0 3 * * ? *)"),
    ],
)
def test_a_schedule_becomes_an_expression_of_aws(text: str, expected: str) -> None:
    assert aws_expression(text) == expected


@pytest.mark.parametrize("text", ["0 3 1 * 1", "0 3 */2 * 1", "0 3 31 2 *", "3 o'clock"])
def test_a_schedule_that_aws_cannot_express_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError):
        aws_expression(text)
