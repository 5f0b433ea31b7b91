"""`backup`: backups of the cluster and its volumes by AWS Backup.

https://docs.aws.amazon.com/aws-backup/latest/devguide/eks-backups.html
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from core.aws_cron import aws_expression
from core.cron import ScheduleError, schedule
from settings.aws import Region
from settings.reading.section import Section, refuse

_MINUTES = 60
"""Minutes between two backups at least; the error of AWS Backup is cited in
https://repost.aws/questions/QUwYlivOoWTHi1nSuSGjTVFg/error-scheduling-backup-every-ten-minutes-in-aws-backup"""


def _schedule(value: str) -> str:
    try:
        aws_expression(value)
    except ScheduleError as error:
        raise refuse(
            "must be minute, hour, day of the month, month and day of the week in UTC, such as "
            f"0 3 * * *, but {error}"
        ) from error
    if schedule(value).shortest_pause < _MINUTES:
        raise refuse(
            f"must have start times that are at least {_MINUTES} minutes apart, as AWS Backup "
            "requires; write @hourly for a backup every hour"
        )
    return value


class Backup(Section):
    """Backups of the objects of the cluster, of its EBS volumes and of its shared volumes, in an
    encrypted vault that remains when the cell is deleted."""

    schedule: Annotated[str, AfterValidator(_schedule)] = "0 3 * * *"
    """Start times in UTC as a cron expression: minute, hour, day of the month, month and day of the
    week. AWS allows only one of the two fields for days, and requires 60 minutes or more between
    two starts. Default: every day at 3:00."""
    retention_days: Annotated[int, Field(ge=1, le=36500)] = 35
    """Number of days for which a backup is kept. Default: 35."""
    copy_region: Region | None = None
    """Another region, in which each backup has a copy in a second vault. AWS bills the transfer and
    the storage of the copies. Default: no copies."""
    restore_tests: bool = True
    """True: every Sunday, AWS Backup restores the latest backup of each EBS volume to a new volume,
    and deletes the new volume. This shows that the backups can be restored, not that the files in
    them are consistent. Default: true."""
