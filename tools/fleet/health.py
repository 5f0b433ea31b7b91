"""Reads the health of a cell from Route 53 and CloudWatch."""

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from core.facts.metrics import HEALTH_CHECK_STATUS, ROUTE53_REGION
from settings import Settings
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.drained import Object, health_checks, never_healthy
from tools.deploy.release.alarm import composite_states
from tools.fleet.interfaces import Health
from tools.fleet.latch import latches_of, set_latches

_MINUTES = 5
"""Minutes in which a health check must have data: CloudWatch gets a value each minute."""


def health_of(ask: Ask, cell: str, settings: Settings) -> Health:
    """Returns the health of a cell; raises AwsError if it cannot be read.

    A cell that is drained or failed over is healthy if the health checks of its apps are.
    """
    traffic = settings.traffic
    assert traffic  # fleet_of refuses other cells
    latches = latches_of(cell, settings)
    try:
        checks = health_checks(ask, cell, traffic.main)
        drained = any(map(never_healthy, checks))
        ids = {
            id_ for each in checks for id_ in _app_checks(ask, each, {one.alarm for one in latches})
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
        failed_over=bool(set_latches(ask, latches)),
        impact=_not_ok(*impact),
        redundancy=_not_ok(*redundancy),
    )


def _app_checks(ask: Ask, check: Object, latches: Collection[str]) -> Iterator[str]:
    """Yields the IDs of the health checks of apps: those below a calculated one, without the latch.

    `latches` has the names of the alarms of latches. Raises AwsError or LookupError.
    """
    for child in check["HealthCheckConfig"]["ChildHealthChecks"]:
        if not latches or _alarm_of(ask, child) not in latches:
            yield child


def _alarm_of(ask: Ask, id_: str) -> str | None:
    """Returns the name of the alarm whose metric a health check reads; None if it reads none."""
    answer: Object = ask("route53", "get-health-check", "--health-check-id", id_)["HealthCheck"]
    alarm: Object = answer["HealthCheckConfig"].get("AlarmIdentifier") or {}
    return alarm.get("Name")


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
