"""Formats migrations and cron jobs for preview."""

from collections.abc import Iterator

from settings import Settings
from settings.cron_job.cron_jobs import CronJob
from settings.reading.wording import counted, listed

_OVERLAP = {
    "forbid": "skipped while the job before runs",
    "replace": "ends a job that still runs",
    "allow": "also while the job before runs",
}


def job_lines(settings: Settings) -> Iterator[str]:
    """Yields a line for each migration and each cron job: its start, and its end."""
    for name, migration in settings.migrations.items():
        waiting = [n for n, each in settings.deployments.items() if each.migrated_by == name]
        yield (
            f"migration of {name}: once per image, command and arguments, before the new pods of "
            f"{listed([name, *waiting])}; fails {_failure(migration.deadline_seconds)} or "
            f"{_failed_pods(migration.retries)}; a failed migration stops the rollout"
        )
    for name, cron_job in settings.cron_jobs.items():
        yield (
            f"cron job {name}: {cron_job.schedule} ({cron_job.time_zone}), "
            f"{_OVERLAP[cron_job.concurrency_policy]}; a job fails "
            f"{_failure(cron_job.deadline_seconds)} or {_failed_pods(cron_job.retries)}; "
            f"{_alarms(settings, cron_job)}"
        )


def _failure(deadline: int) -> str:
    return f"{deadline}s after its creation"


def _failed_pods(retries: int) -> str:
    return f"after {counted(retries + 1, 'failed pod')}"


def _alarms(settings: Settings, cron_job: CronJob) -> str:
    """Returns the conditions of the alarms of a cron job."""
    if not settings.reports_cron_jobs:
        return "no alarm"
    seconds = cron_job.seconds_to_success
    late = f", or if none succeeds for {seconds}s" if seconds is not None else ""
    return f"an alarm goes off if a job fails{late}"
