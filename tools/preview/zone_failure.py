"""Words the failure of a zone, as users see it, for preview."""

from collections.abc import Iterator

from core.availability.health_checks import SECONDS_UNTIL_UNHEALTHY
from core.availability.zone_failure import DNS_WITHDRAWN, NODES_NOT_READY
from settings import Settings


def zone_failure_lines(settings: Settings) -> Iterator[str]:
    """Yields how long requests and new connections still go to a failed zone.

    Yields nothing if only one zone is in service.
    """
    if len(settings.network.zones_in) < 2:
        return
    yield (
        "if a zone fails, its pods still receive requests from the load balancer for "
        f"{SECONDS_UNTIL_UNHEALTHY}s, and from Services for {NODES_NOT_READY}, until Kubernetes "
        "marks the nodes as not ready"
    )
    yield (
        f"if a zone fails, 1 of {len(settings.network.zones)} new connections to the load balancer "
        f"fails for {DNS_WITHDRAWN}, until DNS no longer returns the address in that zone, unless "
        "the client tries another address; a zonal shift shortens this"
    )
