"""Effects of an impaired zone, in which pods respond slowly but pass their health checks."""

from core.availability.health_checks import TIMEOUT


def slow_share(*, impaired: int, pods: int, probability: float = 1.0) -> float:
    """Returns the share of all requests that are slow, 0 to 1.

    `impaired` of `pods` pods are in the impaired zone. `probability` is the share of slow requests
    in this zone. The load balancer sends each pod the same number of requests (`roundRobin`).
    """
    return probability * impaired / pods


def retransmission_probability(packet_loss: float) -> float:
    """Returns the probability that a request or its response is sent again, if both are one
    packet."""
    return 1 - (1 - packet_loss) ** 2


def fails_health_checks(latency: float) -> bool:
    """True if a health check of a pod that responds after `latency` seconds times out."""
    return latency >= TIMEOUT
