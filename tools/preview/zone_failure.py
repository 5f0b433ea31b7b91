"""Lines of preview about the effects of a zone failure on users."""

from collections.abc import Iterator

from core.availability.burst import ready_if_out_of_stock
from core.availability.health_checks import SECONDS_UNTIL_UNHEALTHY
from core.availability.rebalancing import INTERVAL_SECONDS
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
    """Yields the time during which requests and new connections still go to a failed zone, the time
    until its pods are created again, the time until pods are spread evenly, and the number of pods
    while a zone receives no new nodes.

    Yields nothing if only one zone is in service.
    """
    if len(settings.network.zones_in) < 2:
        return
    yield from _requests(settings)
    nodes = sum(nodes_at_rest(zone_model_of(settings)).values())
    tolerations = {each.toleration_seconds.unreachable for each in settings.deployments.values()}
    if tolerations:
        yield (
            "if Kubernetes evicts the pods of a failed zone (EKS does not guarantee this), they "
            f"are created again within {seconds_to_replacement(nodes, tolerations)}: "
            f"{NODES_NOT_READY} until the nodes are marked as not ready, plus tolerationSeconds of "
            f"the pods, plus {SECONDS_PER_NODE}s for each of {nodes} nodes after the first"
        )
    if settings.autoscaling.descheduler:
        yield (
            "after a burst, a rollout or the return of a zone, the descheduler moves one pod of "
            f"each workload every {INTERVAL_SECONDS}s until the zones are even; until then, the "
            "failure of the fullest zone can leave fewer than the needed pods"
        )
    strict = [n for n, each in settings.replicated.items() if each.spread.zones == "strict"]
    most = {name: each.maximum_replicas for name, each in settings.deployments.items()}
    ready = ready_if_out_of_stock(zone_model_of(settings), most, strict)
    limited = [
        f"{ready[name]} of {most[name]} {name}" for name in strict if ready[name] < most[name]
    ]
    if limited:
        yield (
            f"if a zone receives no new nodes, at most {', '.join(limited)} pods run, because "
            "spread.zones: strict keeps the zones even; make zone-out lifts this limit"
        )


def _requests(settings: Settings) -> Iterator[str]:
    """Yields the time during which requests and new connections still go to a failed zone."""
    senders = [
        *([f"the load balancer for {SECONDS_UNTIL_UNHEALTHY}s"] if settings.exposed else []),
        *([f"Services for {NODES_NOT_READY}"] if settings.served else []),
    ]
    if senders:
        yield (
            f"if a zone fails, its pods still receive requests from {', and from '.join(senders)}, "
            "until Kubernetes marks the nodes as not ready"
        )
    if settings.exposed:
        yield (
            f"if a zone fails, 1 of {len(settings.network.zones)} new connections to the load "
            f"balancer fails for {DNS_WITHDRAWN}, until DNS no longer returns the address in that "
            "zone; clients that try another address are not affected, and a zonal shift shortens "
            "this time"
        )
