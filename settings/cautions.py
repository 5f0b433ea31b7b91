"""Finds every caution on a stack file: accepted settings that have a cost or a risk."""

from datetime import date

from settings.app import exposure_cautions as exposure
from settings.app import route_cautions as routes
from settings.autoscaling import cautions as autoscaling
from settings.caution_rule import CautionRule
from settings.cluster import cautions as cluster
from settings.cron_job import cautions as cron_job
from settings.headroom import cautions as headroom
from settings.images import cautions as images
from settings.load_balancing import cautions as load_balancing
from settings.network import cautions as network
from settings.network import subnet_capacity_cautions as subnet_capacity
from settings.observability import cautions as observability
from settings.pool import cautions as pool
from settings.reading.caution import Caution
from settings.resilience import backup_cautions as backups
from settings.resilience import cautions as resilience
from settings.resilience import experiment_cautions as experiments
from settings.singleton import cautions as singleton
from settings.stack import Settings
from settings.traffic import cautions as traffic
from settings.workload import address_cautions as address
from settings.workload import cautions as workload
from settings.workload import environment_cautions as environment
from settings.workload import migration_cautions as migration
from settings.workload import storage_cautions as storage

CAUTIONS: tuple[CautionRule, ...] = (
    *cluster.CAUTIONS,
    *autoscaling.CAUTIONS,
    *pool.CAUTIONS,
    *headroom.CAUTIONS,
    *network.CAUTIONS,
    *subnet_capacity.CAUTIONS,
    *workload.CAUTIONS,
    *singleton.CAUTIONS,
    *environment.CAUTIONS,
    *address.CAUTIONS,
    *migration.CAUTIONS,
    *storage.CAUTIONS,
    *cron_job.CAUTIONS,
    *exposure.CAUTIONS,
    *routes.CAUTIONS,
    *load_balancing.CAUTIONS,
    *traffic.CAUTIONS,
    *images.CAUTIONS,
    *observability.CAUTIONS,
    *resilience.CAUTIONS,
    *backups.CAUTIONS,
    *experiments.CAUTIONS,
)
"""All rules whose findings are cautions."""


def cautions(settings: Settings, today: date) -> list[Caution]:
    """Returns every caution on a stack file, as of a day."""
    return [caution for rule in CAUTIONS for caution in rule.find(settings, today)]
