"""Apps: Kubernetes objects and IAM roles."""

from components.app.app import App, AppArgs
from components.app.cron_job import CronJob, CronJobArgs
from components.app.migration import MIGRATIONS, Migrations

__all__ = ["MIGRATIONS", "App", "AppArgs", "CronJob", "CronJobArgs", "Migrations"]
