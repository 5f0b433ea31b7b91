"""Model of how Route 53 evaluates health checks and selects one of two failover records.

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
class FailoverRecord:
    """One of several records of the same name and type, with the routing policy failover."""

    cell: str
    """Set identifier: the cell to which the record leads."""
    primary: bool
    """True if the record is the primary one."""
    check: str
    """ID of the health check."""


def answering_cell(records: Sequence[FailoverRecord], healthy: Mapping[str, bool]) -> str:
    """Returns the cell of the record with which Route 53 answers.

    Route 53 selects among the healthy records, and among all records if none is healthy.
    """
    candidates = [each for each in records if healthy[each.check]] or records
    return max(candidates, key=lambda each: each.primary).cell
