"""Finds a cell that is drained in AWS, although its stack file does not say so."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from settings import Problem, Settings
from settings.stack import NAMESPACE
from settings.traffic.traffic import Names
from tools.deploy.aws_cli import Ask, AwsError, why

Object = Mapping[str, Any]  # Any: JSON of any shape


def drained_problems(
    ask: Ask, cell: str, settings: Settings, warn: Callable[[str], None]
) -> Iterator[Problem]:
    """Yields a problem if an `up` would send clients to a drained cell.

    Warns if the record of the cell cannot be read.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
    """
    traffic = settings.traffic
    if traffic is None or traffic.drained or traffic.main.hosted_zone_id is None:
        return  # no other cell has records in a hosted zone that the cell creates
    domain = traffic.main.domain
    try:
        drained = any(map(never_healthy, health_checks(ask, cell, traffic.main)))
    except (AwsError, LookupError, TypeError) as error:
        warn(
            f"{cell}: the record of {domain} cannot be read, so that a drained cell is not "
            f"recognized: {why(error)}"
        )
        return
    if drained:
        message = (
            "AWS has this cell drained, and this up would send clients to it again; pull the "
            "commit that drained it, or write true; when the cell may serve again, run make "
            f"undrain STACK={cell}"
        )
        yield Problem(key=f"{NAMESPACE}:traffic.drained", message=message)


def health_checks(ask: Ask, cell: str, names: Names) -> Sequence[Object]:
    """Returns the health checks of the records of a cell for a domain.

    Raises AwsError, LookupError or TypeError.
    """
    records = ask(
        "route53", "list-resource-record-sets", "--hosted-zone-id", names.hosted_zone_id,
        "--start-record-name", names.domain, "--start-record-type", "A",
    )["ResourceRecordSets"]  # fmt: skip
    checks = {
        each["HealthCheckId"]
        for each in records
        if each.get("SetIdentifier") == cell and each["Name"].rstrip(".") == names.domain
    }
    return [
        ask("route53", "get-health-check", "--health-check-id", each)["HealthCheck"]
        for each in sorted(checks)
    ]


def never_healthy(check: Object) -> bool:
    """True if a calculated check needs more healthy children than it has."""
    config = check["HealthCheckConfig"]
    return config["Type"] == "CALCULATED" and config["HealthThreshold"] > len(
        config["ChildHealthChecks"]
    )
