"""Rules across the fields of a stack file: plain functions that yield problems."""

from collections.abc import Callable, Iterator

from settings.app import rules as apps
from settings.autoscaling import rules as autoscaling
from settings.cluster import add_on_rules as add_ons
from settings.cluster import rules as cluster
from settings.cron_job import rules as cron_jobs
from settings.headroom import rules as headroom
from settings.images import rules as images
from settings.load_balancing import rules as load_balancing
from settings.network import rules as network
from settings.network import subnet_capacity_rules as subnet_capacity
from settings.observability import rules as observability
from settings.pool import instance_type_rules as instance_types
from settings.pool import rules as pools
from settings.reading.problem import Problem
from settings.resilience import backup_rules as backups
from settings.resilience import experiment_rules as experiments
from settings.resilience import rules as resilience
from settings.singleton import rules as singletons
from settings.stack import Settings
from settings.traffic import rules as traffic
from settings.workload import accelerator_rules as accelerators
from settings.workload import connection_rules as connections
from settings.workload import containers_rules as containers
from settings.workload import environment_rules as environment
from settings.workload import job_termination_rules as job_termination
from settings.workload import migration_rules as migrations
from settings.workload import probe_rules as probes
from settings.workload import rules as workloads
from settings.workload import scaling_rules as scaling
from settings.workload import storage_rules as storage
from settings.workload import termination_rules as termination

RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    *network.RULES,
    *cluster.RULES,
    *add_ons.RULES,
    *pools.RULES,
    *instance_types.RULES,
    *subnet_capacity.RULES,
    *workloads.RULES,
    *accelerators.RULES,
    *environment.RULES,
    *containers.RULES,
    *storage.RULES,
    *apps.RULES,
    *connections.RULES,
    *probes.RULES,
    *termination.RULES,
    *job_termination.RULES,
    *singletons.RULES,
    *scaling.RULES,
    *migrations.RULES,
    *cron_jobs.RULES,
    *autoscaling.RULES,
    *headroom.RULES,
    *images.RULES,
    *observability.RULES,
    *load_balancing.RULES,
    *traffic.RULES,
    *resilience.RULES,
    *backups.RULES,
    *experiments.RULES,
)
"""Every rule."""
