"""Cautions about ha-eks:cronJobs: cron jobs without alarms."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _without_audit_log(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.cron_jobs and not settings.reports_cron_jobs:
        yield Caution(
            key=f"{NAMESPACE}:cluster.logTypes",
            text="without audit, no alarm reports cron jobs that fail or do not run; add audit",
        )


def _rare(settings: Settings, today: date) -> Iterator[Caution]:
    for name, cron_job in settings.cron_jobs.items():
        if settings.reports_cron_jobs and cron_job.seconds_to_success is None:
            yield Caution(
                key=settings.key_of(name, "schedule"),
                text="an alarm goes off if a job fails, but none if no job runs: the time between "
                "two jobs, with their deadlines, exceeds the seven days that CloudWatch evaluates",
            )


CAUTIONS = (
    CautionRule("HA925", "The audit log shows the runs of cron jobs.", _without_audit_log),
    CautionRule("HA926", "An alarm reports cron jobs that do not run.", _rare),
)
