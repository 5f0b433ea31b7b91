"""What AWS and Kubernetes refuse beyond a missing reference, as far as a stack can run into it."""

from tools.rehearsal.constraints import alarms as watching
from tools.rehearsal.constraints import apps, cell, images, network, nodes, observability
from tools.rehearsal.constraints import capacity_buffers as buffers
from tools.rehearsal.constraints import load_balancing as balancing
from tools.rehearsal.constraints import prometheus as queries
from tools.rehearsal.constraints.cell import PROTECTIONS
from tools.rehearsal.fake_cloud.cloud import Constraint

CONSTRAINTS: tuple[Constraint, ...] = (
    *cell.CONSTRAINTS, *network.CONSTRAINTS, *nodes.CONSTRAINTS, *apps.CONSTRAINTS,
    *buffers.CONSTRAINTS, *queries.CONSTRAINTS, *balancing.CONSTRAINTS, *images.CONSTRAINTS,
    *observability.CONSTRAINTS, *watching.CONSTRAINTS,
)  # fmt: skip
"""Every law."""

__all__ = ["CONSTRAINTS", "PROTECTIONS"]
