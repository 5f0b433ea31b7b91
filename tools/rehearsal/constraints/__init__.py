"""Constraints: rules by which AWS and Kubernetes refuse operations of stacks.

The fake cloud itself refuses missing references.

A constraint is a function that raises RefusedError. It is called before each operation with the
cloud, the verb (create, update, delete), the type and the inputs.
"""

from tools.rehearsal.constraints import (
    add_ons,
    alarms,
    apps,
    aws,
    capacity_buffers,
    eventual_consistency,
    images,
    jobs,
    kubernetes,
    listener_rules,
    load_balancing,
    network,
    nodes,
    observability,
    prometheus,
    storage,
    zonal_shift,
)
from tools.rehearsal.constraints.aws import PROTECTIONS
from tools.rehearsal.fake_cloud.cloud import Constraint

CONSTRAINTS: tuple[Constraint, ...] = (
    *aws.CONSTRAINTS, *kubernetes.CONSTRAINTS, *network.CONSTRAINTS, *nodes.CONSTRAINTS,
    *apps.CONSTRAINTS, *capacity_buffers.CONSTRAINTS, *prometheus.CONSTRAINTS,
    *load_balancing.CONSTRAINTS, *listener_rules.CONSTRAINTS,
    *images.CONSTRAINTS, *observability.CONSTRAINTS,
    *jobs.CONSTRAINTS, *add_ons.CONSTRAINTS, *alarms.CONSTRAINTS, *eventual_consistency.CONSTRAINTS,
    *storage.CONSTRAINTS, *zonal_shift.CONSTRAINTS,
)  # fmt: skip
"""All constraints."""

__all__ = ["CONSTRAINTS", "PROTECTIONS"]
