"""Resources that a practice run shifts, and alarms that stop it."""

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


def has_stop_alarm(settings: Settings) -> bool:
    """True if an alarm can stop practice runs and experiments: the cell has an exposed app or a
    worker, which keep their needed pods if a zone fails."""
    return bool(settings.workers) or any(name in settings.exposed for name in settings.apps)
