"""Words the failure of a zone, as users see it, for preview."""

from collections.abc import Iterator

from core.availability.health_checks import SECONDS_UNTIL_UNHEALTHY
from core.availability.zone_failure import (
    DNS_WITHDRAWN,
    NODES_NOT_READY,
    SECONDS_PER_NODE,
    seconds_to_replacement,
)
from core.availability.zone_loss import nodes_at_rest
from settings import Settings
from settings.availability import zone_model_of


def zone_failure_lines(settings: Settings) -> Iterator[str]:
    """Yields how long requests and new connections still go to a failed zone, and how long its
    pods are missing.

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
    nodes = sum(nodes_at_rest(zone_model_of(settings)).values())
    tolerations = {app.toleration_seconds.unreachable for app in settings.apps.values()}
    yield (
        "if Kubernetes evicts the pods of a failed zone, which EKS does not promise, they are "
        f"created again within {seconds_to_replacement(nodes, tolerations)}: after "
        f"{NODES_NOT_READY} and their tolerationSeconds, and {SECONDS_PER_NODE}s later for each "
        f"further of {nodes} nodes"
    )
