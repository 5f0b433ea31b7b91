"""Rules for ha-eks:cronJobs."""

from collections.abc import Iterator

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


RULES = (_metric_filters,)
