"""Alarms on Route 53 health checks, in the region of the metrics of Route 53."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm
from components.observability.metric_sources import MetricSources


def health_check_alarms(sources: MetricSources) -> Iterator[Alarm]:
    """Yields one alarm per health check; a composite alarm contains only alarms of its region."""
    for app in sources.health_checks:
        yield Alarm(
            key=f"health/{app}",
            kind="health",
            description=f"The Route 53 health check of app {app} has failed for 3 minutes. Route "
            "53 sends users to other healthy cells, if the domain has any. A primary cell with "
            f"failback: manual gets them back by make failback STACK={sources.cell}. If the alarm "
            f"{sources.cell}/impact is OK, the path from the internet to the load balancer is "
            "broken.",
            first_check="aws cloudwatch describe-alarms --alarm-types CompositeAlarm "
            f"--alarm-names {sources.cell}/impact --region {sources.region}",
            page="runbooks/region-lost.md",
            section="how-it-shows",
            value=sources.health_check_series(app),
            comparison="<",
            threshold=1,
            periods=3,
            missing_data="breaching",
        )
