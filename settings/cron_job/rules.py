"""Rules for ha-eks:cronJobs."""

from collections.abc import Iterator

from core.availability.termination import MARGIN, SPOT_GRACE
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_MAX_CRON_JOBS = 50
"""Cron jobs for whose alarms a log group has enough metric filters, two each.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""


def _metric_filters(settings: Settings) -> Iterator[Problem]:
    if settings.reports_cron_jobs and len(settings.cron_jobs) > _MAX_CRON_JOBS:
        yield Problem(
            key=f"{NAMESPACE}:cronJobs",
            message=f"must have at most {_MAX_CRON_JOBS} cron jobs, but has "
            f"{len(settings.cron_jobs)}: the log group of the control plane can have 100 metric "
            "filters, and the alarms of a cron job need two; start several programs in one job",
        )


def _grace_period(settings: Settings) -> Iterator[Problem]:
    for name, cron_job in settings.cron_jobs.items():
        if cron_job.grace > SPOT_GRACE:
            sidecars = cron_job.sidecar_shutdown
            yield Problem(
                key=settings.key_of(name, "sidecars"),
                message=f"need {sidecars}s to exit after the program: shutdown "
                f"{cron_job.shutdown_seconds}s + sidecars {sidecars}s + {MARGIN}s = "
                f"{cron_job.grace}s from TERM to KILL, but spot instances allow at most "
                f"{SPOT_GRACE}s; lower shutdownSeconds of the sidecars or of the cron job",
            )


RULES = (_metric_filters, _grace_period)
