"""`ha-eks:cronJobs`: programs that run at set times, each in a namespace of its name."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.availability.termination import MARGIN
from core.cron import MACROS, ScheduleError, schedule
from settings.reading.named_sections import NamedSections
from settings.reading.names import AppName
from settings.reading.section import Section, refuse
from settings.reading.time_zone import TimeZone
from settings.workload.job import DeadlineSeconds, Retries
from settings.workload.placement import TolerationSeconds
from settings.workload.workload import Workload


def _schedule(value: str) -> str:
    if "TZ=" in value:
        raise refuse("must not contain a time zone; write it in timeZone")
    if value.startswith("@") and value not in MACROS:
        raise refuse(f"must be five fields such as 30 4 * * *, or one of {', '.join(MACROS)}")
    try:
        schedule(value)
    except ScheduleError as error:
        raise refuse(
            "must be minute, hour, day of the month, month and day of the week, such as "
            f"30 4 * * 1-5, but {error}"
        ) from error
    return value


class History(Section):
    """Number of finished jobs that remain, with their pods and logs."""

    successful: Annotated[int, Field(ge=0, le=100)] = 3
    """Jobs that have succeeded."""
    failed: Annotated[int, Field(ge=0, le=100)] = 3
    """Jobs that have failed."""


class CronJob(Workload):
    """A program that runs at set times, to its end."""

    schedule: Annotated[str, AfterValidator(_schedule)]
    """Start times as a cron expression: minute, hour, day of the month, month and day of the week,
    such as `30 4 * * 1-5`; or `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`."""
    time_zone: TimeZone = "Etc/UTC"
    """Time zone of the schedule, by its IANA name."""
    concurrency_policy: Literal["allow", "forbid", "replace"] = "forbid"
    """If a job still runs at the next start time: `forbid` skips the new job, `replace` ends the
    running one, `allow` runs both."""
    starting_deadline_seconds: Annotated[int, Field(ge=10, le=86400)] = 300
    """Time after a start time in which the job can still start, for example after an outage of the
    control plane. A job that could not start in this time is skipped."""
    deadline_seconds: DeadlineSeconds = 3600
    """Time after which a job has failed, from its creation, with all retries and with the time
    until a node runs its pod."""
    retries: Retries = 2
    """Number of failed pods that are replaced before a job has failed. Pods that a drain or a lost
    node ends do not count."""
    shutdown_seconds: Annotated[int, Field(ge=1, le=3600)] = 25
    """Time from TERM to the exit of the program, when its node is drained or the job passes its
    deadline. The grace period is longer by 5 seconds and by the `shutdownSeconds` of the sidecars;
    at most 840 seconds, or 100 seconds if the pods can run on spot nodes."""
    history: History = History()
    """Finished jobs that remain."""
    toleration_seconds: TolerationSeconds = TolerationSeconds()
    """Time that a pod stays on a failed node."""

    @property
    def grace(self) -> int:
        """Seconds from TERM to KILL."""
        return self.shutdown_seconds + self.sidecar_shutdown + MARGIN

    @property
    def longest_pause(self) -> int:
        """Longest time in seconds between two start times, with an hour for a change of the
        clock."""
        pause = schedule(self.schedule).longest_pause * 60
        changes = self.time_zone not in _FIXED and pause > _HOUR
        return pause + (_HOUR if changes else 0)

    @property
    def seconds_to_success(self) -> int | None:
        """Longest time between two successes that the settings allow; None: longer than an alarm
        can evaluate."""
        longest = (
            self.longest_pause
            + self.starting_deadline_seconds
            + self.deadline_seconds
            + _DELIVERY_SECONDS
        )
        return longest if longest <= _EVALUATED_SECONDS else None


_HOUR = 3600
_EVALUATED_SECONDS = 604_800
"""Longest time that an alarm evaluates: seven days.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
_DELIVERY_SECONDS = 600
"""Time until the log of a finished job is in CloudWatch: "a few minutes".
https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html"""
_FIXED = {"UTC", "Etc/UTC", "Etc/GMT", "GMT"}
"""Time zones whose clock never changes."""


class CronJobs(NamedSections[CronJob]):
    """The cron jobs by name. Default: none."""

    root: dict[AppName, CronJob] = Field(default_factory=dict[str, CronJob])
