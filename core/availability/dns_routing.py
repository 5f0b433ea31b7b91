"""Model of how Route 53 evaluates health checks and selects one of the records of a domain.

Sources:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

MissingData = Literal["Healthy", "Unhealthy", "LastKnownStatus"]


@dataclass(frozen=True, kw_only=True)
class EndpointCheck:
    """Health check that sends requests to an endpoint."""

    request_interval: int
    """Seconds between two requests of one checker: 10 or 30."""
    failure_threshold: int
    """Consecutive requests that must fail, or succeed, before the status changes: 1 to 10."""

    @property
    def detection(self) -> int:
        """Seconds from the failure of the endpoint to the change of the status."""
        return self.request_interval * self.failure_threshold


@dataclass(frozen=True, kw_only=True)
class MetricCheck:
    """Health check that compares the metric of an alarm with the threshold of the alarm."""

    missing_data: MissingData
    """Status while the metric has too little data."""


@dataclass(frozen=True, kw_only=True)
class CalculatedCheck:
    """Health check that counts its healthy children."""

    children: Sequence[str]
    """IDs of the health checks that it counts."""
    threshold: int
    """Healthy children that make the check healthy. 0: always healthy; more than the number of
    children: always unhealthy."""


HealthCheck = EndpointCheck | MetricCheck | CalculatedCheck


def statuses(
    checks: Mapping[str, HealthCheck],
    observed: Mapping[str, bool | None],
    last: Mapping[str, bool],
) -> Mapping[str, bool]:
    """Returns the status of each health check: true if Route 53 considers it healthy.

    `observed` has the result of each endpoint check and metric check; None: no data. `last` has the
    previous statuses; a check without one is healthy. Calculated checks count the new statuses of
    their children, which are not calculated checks.
    """
    found: dict[str, bool] = {}
    for name, check in checks.items():
        if isinstance(check, CalculatedCheck):
            continue
        result = observed[name]
        if result is None:
            result = _without_data(check, last.get(name, True))
        found[name] = result
    for name, check in checks.items():
        if isinstance(check, CalculatedCheck):
            healthy = sum(found[child] for child in check.children)
            found[name] = healthy >= check.threshold
    return found


def _without_data(check: EndpointCheck | MetricCheck, last: bool) -> bool:
    if isinstance(check, EndpointCheck) or check.missing_data == "LastKnownStatus":
        return last
    return check.missing_data == "Healthy"


@dataclass(frozen=True, kw_only=True)
class DnsRecord:
    """One of several records of the same name, type and routing policy."""

    cell: str
    """Set identifier: the cell to which the record leads."""
    policy: Literal["failover", "weighted", "latency"]
    """Routing policy."""
    primary: bool = False
    """True if the record is the primary one of the policy failover."""
    weight: int = 0
    """Weight of the policy weighted, 0 to 255."""
    latency: int = 0
    """Milliseconds from the client to the region of the record, for the policy latency."""
    check: str | None
    """ID of the health check; None: the record is always healthy."""
    targets_healthy: bool = True
    """False if the record evaluates its target, and the target is unhealthy."""


def shares(records: Sequence[DnsRecord], healthy: Mapping[str, bool]) -> Mapping[str, float]:
    """Returns the share of the answers that lead to each cell, 0 to 1, of cells with a share.

    Route 53 selects among the healthy records, and among all records if none is healthy. Weights of
    0 count only if each record with a weight is unhealthy.
    """
    serving = [each for each in records if _is_healthy(each, healthy)]
    candidates = serving or list(records)
    policy = records[0].policy
    if policy == "failover":
        [selected, *_] = sorted(candidates, key=lambda each: not each.primary)
        return {selected.cell: 1.0}
    if policy == "latency":
        [selected, *_] = sorted(candidates, key=lambda each: each.latency)
        return {selected.cell: 1.0}
    total = sum(each.weight for each in candidates)
    if total == 0:
        return {each.cell: 1 / len(candidates) for each in candidates}
    return {each.cell: each.weight / total for each in candidates if each.weight}


def _is_healthy(record: DnsRecord, healthy: Mapping[str, bool]) -> bool:
    return record.targets_healthy and (record.check is None or healthy[record.check])
