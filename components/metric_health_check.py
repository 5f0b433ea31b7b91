"""Route 53 health checks that read the metric of an alarm."""

from collections.abc import Mapping
from typing import Any, Literal

import pulumi
from pulumi_aws import cloudwatch, route53

from core.tags import MAX_TAG_VALUE


def metric_health_check(
    name: str,
    alarm: cloudwatch.MetricAlarm,
    region: str,
    without_data: Literal["Unhealthy", "LastKnownStatus"],
    label: str,
    opts: pulumi.ResourceOptions,
    triggers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
) -> route53.HealthCheck:
    """Creates a health check of the metric of an alarm in a region; `label` is cut to its limit.

    Route 53 reads the metric, not the state of the alarm, so that `without_data` applies instead of
    the treatment of missing data. It copies the settings of the alarm: the health check is updated
    when `triggers` change.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_CloudWatchAlarmConfiguration.html
    """
    return route53.HealthCheck(
        name,
        route53.HealthCheckArgs(
            type="CLOUDWATCH_METRIC",
            cloudwatch_alarm_name=alarm.name,
            cloudwatch_alarm_region=region,
            insufficient_data_health_status=without_data,
            triggers=triggers,
            tags={"Name": label[:MAX_TAG_VALUE]},
        ),
        opts=opts,
    )


def triggers_of(alarm: cloudwatch.MetricAlarm) -> pulumi.Output[dict[str, str]]:
    """Returns threshold and dimensions of an alarm, which an update of the stack can change."""
    return pulumi.Output.all(alarm.threshold, alarm.dimensions).apply(_triggers)


def _triggers(settings: list[Any]) -> dict[str, str]:  # Any: outputs of several types
    threshold, dimensions = settings
    return {"threshold": f"{threshold:g}", **dimensions}
