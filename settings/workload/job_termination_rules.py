"""Rules for the termination of migrations and cron jobs: KILL comes before the node ends."""

from collections.abc import Iterator

from core.availability.termination import MARGIN
from settings.reading.problem import Problem
from settings.stack import Settings
from settings.workload.job import MIGRATION_GRACE
from settings.workload.termination_rules import allowed_grace


def _migrations(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each migration whose sidecars exit too late, unless those of the
    workload do."""
    for name in settings.migrations:
        app = settings.deployments[name]
        limit, reason = allowed_grace(settings, app)
        if app.migration_grace > limit >= app.termination.grace:
            sidecars = app.sidecar_shutdown
            yield Problem(
                key=settings.key_of(name, "sidecars"),
                message=f"must exit within {limit - MIGRATION_GRACE}s in all: migration "
                f"{MIGRATION_GRACE}s + sidecars {sidecars}s = {app.migration_grace}s from TERM to "
                f"KILL, but at most {limit}s are possible because {reason}; lower shutdownSeconds",
            )


def _cron_jobs(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each cron job whose containers exit too late."""
    for name, cron_job in settings.cron_jobs.items():
        limit, reason = allowed_grace(settings, cron_job)
        if cron_job.grace <= limit:
            continue
        most, shutdown, sidecars = limit - MARGIN, cron_job.shutdown_seconds, cron_job.sidecars
        of_sidecars = f" + sidecars {cron_job.sidecar_shutdown}s" if sidecars else ""
        total = (
            f"shutdown {shutdown}s{of_sidecars} + {MARGIN}s = {cron_job.grace}s from TERM to KILL, "
            f"but at most {limit}s are possible because {reason}"
        )
        if sidecars and most - shutdown >= len(sidecars):
            field = "sidecars"
            message = f"must exit within {most - shutdown}s in all: {total}; lower shutdownSeconds"
        else:
            field = "shutdownSeconds"
            together = " together with the sidecars" if sidecars else ""
            message = f"must be at most {most}{together}: {total}"
        yield Problem(key=settings.key_of(name, field), message=message)


RULES = (_migrations, _cron_jobs)
