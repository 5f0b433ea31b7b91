"""Edits of migrations and cron jobs."""

from tools.rehearsal.edits.alarm_operations import UPDATE_COMPOSITE_ALARMS, metric_alarms
from tools.rehearsal.edits.apps import change_image, main_app_section
from tools.rehearsal.edits.edit import Config, Edit


def add_migration(config: Config) -> None:
    """Adds a migration to the main app."""
    main_app_section(config)["migration"] = {"command": ["/migrate"]}


ADD_MIGRATION = Edit(
    name="add a migration to an app",
    change=add_migration,
    expected=("create Job APP-migration-*",),
    optional=("update NetworkPolicy *",),
)


RELEASE_WITH_MIGRATION = Edit(
    name="release a version with a migration",
    change=change_image,
    expected=("create Job APP-migration-*", "update Deployment APP"),
)


def change_image_back(config: Config) -> None:
    """Returns to the image before the release."""
    app = main_app_section(config)
    app["image"] = app["image"].removesuffix("-edited")


ROLL_BACK_WITH_MIGRATION = Edit(
    name="roll back a version with a migration",
    change=change_image_back,
    # Pulumi takes over the completed Job of the former version.
    expected=("create Job APP-migration-*", "update Deployment APP"),
)


def add_cron_job(config: Config) -> None:
    """Adds a cron job."""
    config.setdefault("ha-eks:cronJobs", {})["nightly"] = {
        "image": main_app_section(config)["image"],
        "command": ["/report"],
        "schedule": "30 4 * * *",
        "timeZone": "Europe/Berlin",
        "requests": {"cpu": "50m", "memory": "32Mi"},
    }


ADD_CRON_JOB = Edit(
    name="add a cron job",
    change=add_cron_job,
    expected=(
        "create Namespace nightly",
        "create ServiceAccount nightly",
        "create NetworkPolicy nightly",
        "create CronJob nightly",
        "create LogMetricFilter alarms-CronJobComplete-nightly",
        "create LogMetricFilter alarms-CronJobFailed-nightly",
        *metric_alarms("create", "cron-nightly-failed", "cron-nightly-late"),
        UPDATE_COMPOSITE_ALARMS,
        "update Dashboard dashboard",
    ),
)
