"""Rules across the fields of a stack file: plain functions that yield problems."""

from collections.abc import Callable, Iterator

from settings.app import connection_rules as connections
from settings.app import probe_rules as probes
from settings.app import rules as apps
from settings.app import scaling_rules as scaling
from settings.app import termination_rules as termination
from settings.app import volume_rules as volumes
from settings.autoscaling import rules as autoscaling
from settings.cluster import add_on_rules as add_ons
from settings.cluster import rules as cluster
from settings.headroom import rules as headroom
from settings.images import rules as images
from settings.load_balancing import rules as load_balancing
from settings.network import rules as network
from settings.network import subnet_capacity_rules as subnet_capacity
from settings.observability import rules as observability
from settings.pool import instance_type_rules as instance_types
from settings.pool import rules as pools
from settings.reading.problem import Problem
from settings.stack import Settings
from settings.traffic import rules as traffic

RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    *network.RULES,
    *cluster.RULES,
    *add_ons.RULES,
    *pools.RULES,
    *instance_types.RULES,
    *subnet_capacity.RULES,
    *apps.RULES,
    *connections.RULES,
    *probes.RULES,
    *termination.RULES,
    *volumes.RULES,
    *scaling.RULES,
    *autoscaling.RULES,
    *headroom.RULES,
    *images.RULES,
    *observability.RULES,
    *load_balancing.RULES,
    *traffic.RULES,
)
"""Every rule."""
