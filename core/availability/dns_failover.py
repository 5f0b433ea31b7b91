"""Seconds from the failure of a cell until clients reach another cell by DNS."""

from dataclasses import dataclass

from core.availability.zone_failure import DNS_TTL

PROPAGATION = 60
"""Assumed longest time until all DNS servers of Route 53 answer with the other cell. AWS publishes
no figure. Whole failovers of keycloak-benchmark, with detection, took 57 and 72 seconds.
https://github.com/keycloak/keycloak-benchmark/issues/495"""

METRIC_DELAY = 60
"""Assumed longest time until CloudWatch has the metric of a period. AWS publishes no figure."""


@dataclass(frozen=True, kw_only=True)
class DnsFailover:
    """Timeline of a failover by DNS, in seconds. Each time is the longest."""

    interval: int
    """Seconds between two health checks of a checker, or period of the metric of an alarm."""
    threshold: int
    """Number of failed checks, or of periods, after which the cell is unhealthy."""
    delay: int = 0
    """Seconds until the result of a period is known. Default: 0."""
    propagation: int = PROPAGATION
    """Seconds until Route 53 answers with the other cell."""
    ttl: int = DNS_TTL
    """Seconds for which clients keep an answer: the TTL of the addresses of a load balancer."""

    @property
    def detected(self) -> int:
        """Seconds from the failure until the health check is unhealthy."""
        return self.interval * self.threshold + self.delay

    @property
    def answered(self) -> int:
        """Seconds from the failure until Route 53 answers with the other cell."""
        return self.detected + self.propagation

    @property
    def complete(self) -> int:
        """Seconds from the failure until clients that respect the TTL reach the other cell."""
        return self.answered + self.ttl
