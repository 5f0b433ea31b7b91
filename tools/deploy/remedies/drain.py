"""Drains a cell by requests to Route 53 only, which work while the region of the cell does not.

docs/decisions/0077-a-drain-changes-one-health-check.md
"""

from collections.abc import Iterator

from core.facts.metrics import ROUTE53_REGION
from settings import Settings
from settings.traffic.traffic import Names, Traffic
from tools.deploy.aws_cli import Ask, AwsError, why
from tools.deploy.drained import Object, health_checks
from tools.deploy.up import aws_of


class RemedyError(Exception):
    """The remedy is not applied; the message says what to do."""


def route53(settings: Settings, file: str) -> Ask:
    """Returns the AWS CLI in the region of the control plane of Route 53, also for credentials.

    STS has an endpoint in each region: that of the cell may not answer. Raises AwsError.
    https://docs.aws.amazon.com/general/latest/gr/r53.html
    """
    return aws_of(settings.aws.model_copy(update={"region": ROUTE53_REGION}), file)


def set_drained(ask: Ask, cell: str, traffic: Traffic, *, drained: bool) -> None:
    """Drains a cell, or ends the drain, also for its internal domain.

    The health check of the records needs more healthy children than it has while the cell is
    drained, and all of them otherwise. Raises RemedyError.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
    """
    try:
        checks = [*_checks(ask, cell, traffic)]
        for check in checks:
            children = check["HealthCheckConfig"]["ChildHealthChecks"]
            ask(
                *("route53", "update-health-check", "--health-check-id", check["Id"]),
                *("--health-threshold", str(len(children) + drained)),
            )
    except (AwsError, LookupError, TypeError) as error:
        raise RemedyError(
            f"Route 53: {why(error)}; the stack file is not changed; fix the cause and run the "
            "same command again"
        ) from error
    if not checks:
        raise RemedyError(
            f"no hosted zone of {traffic.domains} outside of the cell has a record of {cell}; the "
            "stack file is not changed"
        )


def _checks(ask: Ask, cell: str, traffic: Traffic) -> Iterator[Object]:
    """Yields the health checks of the records in hosted zones that other cells can share."""
    for names in _shared(traffic):
        yield from health_checks(ask, cell, names)


def _shared(traffic: Traffic) -> Iterator[Names]:
    """Yields the domains whose hosted zone exists outside of the cell."""
    for names in (traffic.public, traffic.internal):
        if names and names.hosted_zone_id:
            yield names
