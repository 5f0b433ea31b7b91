"""What AWS and Kubernetes refuse beyond a missing reference, as far as a stack can run into it."""

from rehearsal.cloud import Law
from rehearsal.laws import (
    apps,
    balancing,
    buffers,
    cell,
    images,
    network,
    nodes,
    observability,
    queries,
    watching,
)
from rehearsal.laws.cell import PROTECTIONS

LAWS: tuple[Law, ...] = (
    *cell.LAWS, *network.LAWS, *nodes.LAWS, *apps.LAWS, *buffers.LAWS, *queries.LAWS,
    *balancing.LAWS, *images.LAWS, *observability.LAWS, *watching.LAWS,
)  # fmt: skip
"""Every law."""

__all__ = ["LAWS", "PROTECTIONS"]
