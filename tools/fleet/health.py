"""Reads the health of a cell from Route 53 and CloudWatch."""

import json
from datetime import UTC, datetime, timedelta

from core.facts.metrics import HEALTH_CHECK_STATUS, ROUTE53_REGION
from settings import Settings
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.drained import health_checks, never_healthy
from tools.deploy.release.alarm import composite_states
from tools.fleet.interfaces import Health

_MINUTES = 5
"""Minutes in which a health check must have data: CloudWatch gets a value each minute."""


def health_of(ask: Ask, cell: str, settings: Settings) -> Health:
    """Returns the health of a cell; raises AwsError if it cannot be read.

    The health of a drained cell is that of the health checks below the one that drains it.
    """
    traffic = settings.traffic
    assert traffic  # fleet_of refuses other cells
    try:
        checks = health_checks(ask, cell, traffic)
        drained = any(map(never_healthy, checks))
        ids = {
            str(id_)
            for each in checks
            for id_ in (
                each["HealthCheckConfig"]["ChildHealthChecks"]
                if never_healthy(each)
                else [each["Id"]]
            )
        }
    except (LookupError, TypeError) as error:
        raise AwsError(f"the health checks of {cell} cannot be read: {error}") from error
    if not ids:
        raise AwsError(f"{traffic.main.domain} has no record of {cell}; run make up STACK={cell}")
    names = [f"{cell}/impact", f"{cell}/redundancy"]
    impact, redundancy = composite_states(ask, names, settings.aws.region)
    return Health(
        serving=_healthy(ask, sorted(ids)),
        drained=drained,
        impact=_not_ok(*impact),
        redundancy=_not_ok(*redundancy),
    )


def _healthy(ask: Ask, ids: list[str]) -> bool:
    """True if Route 53 finds all health checks healthy.

    Reads the metric with the verdict of Route 53: GetHealthCheckStatus has the observations of
    single checkers, and AWS intends it for development only.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html
    """
    end = datetime.now(UTC)
    start = end - timedelta(minutes=_MINUTES)
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": HEALTH_CHECK_STATUS.namespace,
                    "MetricName": HEALTH_CHECK_STATUS.name,
                    "Dimensions": [{"Name": "HealthCheckId", "Value": id_}],
                },
                "Period": 60,
                "Stat": "Minimum",
            },
        }
        for number, id_ in enumerate(ids)
    ]
    answer = ask(
        *("cloudwatch", "get-metric-data", "--metric-data-queries", json.dumps(queries)),
        *("--start-time", start.isoformat("T", "seconds")),
        *("--end-time", end.isoformat("T", "seconds")),
        *("--scan-by", "TimestampDescending", "--region", ROUTE53_REGION),
    )
    try:
        newest = [each["Values"][0] for each in answer["MetricDataResults"]]
    except (LookupError, TypeError) as error:
        raise AwsError(
            f"Route 53 has no data of its health checks for {_MINUTES} minutes"
        ) from error
    return len(newest) == len(ids) and min(newest) >= 1


def _not_ok(state: str, reason: str) -> str | None:
    """Returns a state with its reason; None for OK."""
    return None if state == "OK" else f"{state}: {reason}"
