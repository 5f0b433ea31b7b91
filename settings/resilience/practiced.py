"""Resources that a practice run shifts, and workloads that must have enough pods meanwhile."""

from collections.abc import Sequence

from settings.resilience.autoshift import Practiced
from settings.stack import Settings


def practiced(settings: Settings) -> Sequence[Practiced]:
    """Returns the resources of a cell that ARC can shift away from a zone."""
    balancers = settings.load_balancers
    found: dict[Practiced, bool] = {
        "cluster": settings.cluster.zonal_shift,
        "loadBalancer": "public" in balancers,
        "internalLoadBalancer": "internal" in balancers,
    }
    return [resource for resource, exists in found.items() if exists]


def needing(settings: Settings) -> Sequence[str]:
    """Returns the names of the workloads that keep their needed pods if a zone fails, and whose
    lack of pods affects users or jobs: exposed apps, and workers."""
    affecting = {*settings.exposed, *settings.workers}
    return [name for name in settings.replicated if name in affecting]
