"""Alarms that say: Route 53 finds the cell ill, and sends people elsewhere."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm
from components.observability.metric_sources import MetricSources, Series
from core.facts.metrics import HEALTH

REGION = "us-east-1"
"""Where Route 53's metrics are, wherever the cell is.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html"""


def health(metric_sources: MetricSources) -> Iterator[Alarm]:
    """Of each app that decides on the cell: in none of the composites, for these have a region."""
    for app, check in metric_sources.health_checks.items():
        yield Alarm(
            key=f"health/{app}",
            kind="health",
            says=f"Route 53 finds {app} of this cell ill, and sends people to other cells if there "
            "are any. Compare with the cell's own alarms.",
            section="route-53-finds-the-cell-ill",
            watches=Series(metric=HEALTH, of={"HealthCheckId": check}, statistic="Minimum"),
            comparison="<",
            threshold=1,
            periods=3,
            missing="breaching",
        )
