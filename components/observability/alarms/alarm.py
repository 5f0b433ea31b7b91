"""What an alarm is, as plain data, and how it comes to CloudWatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import cloudwatch

from components.observability.metric_sources import Series

Kind = Literal["impact", "redundancy", "health"]

_OPERATORS = {
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
}

_READABLE = {"Average", "Maximum", "Minimum", "Sum"}
"""Statistics that Route 53 reads, of metrics of a minute or more.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html"""


@dataclass(frozen=True, kw_only=True)
class Math:
    """A number from several series.

    A value that is missing counts as 0 where another is there, and x / 0 is no value:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """

    expression: str
    """Metric math over the names of the series."""
    series: Mapping[str, Series]
    """By names that begin with a lower-case letter, ten at most, all of one period."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """When to tell somebody, and what."""

    key: str
    """Name within the cell, such as app/web/hosts/us-east-1a."""
    kind: Kind
    """Users are hurt; the reserve is gone, or would not come; Route 53 finds the cell ill."""
    says: str
    """What it means and what to do, in a sentence or two."""
    section: str
    """Where in docs/alarms.md there is more: the anchor of a heading."""
    watches: Series | Math
    """What is compared."""
    comparison: Literal["<", "<=", ">", ">="]
    threshold: float
    """With what it is compared."""
    periods: int
    """Periods that are looked at."""
    datapoints: int | None = None
    """How many of those have to be over the threshold; None: all."""
    missing: Literal["breaching", "notBreaching"]
    """What a period without data counts as. Never what keeps a state: it would be told as if it
    still held."""

    @property
    def plain(self) -> bool:
        """Whether Route 53 can read it: one metric, a plain statistic, and all of its periods."""
        if isinstance(self.watches, Math) or self.datapoints is not None:
            return False
        return self.watches.statistic in _READABLE

    @property
    def period(self) -> int:
        """Seconds of a period."""
        if isinstance(self.watches, Series):
            return self.watches.period
        return next(iter(self.watches.series.values())).period


@dataclass(frozen=True, kw_only=True)
class AlarmTarget:
    """Where alarms of a region are sent, and what is written below them."""

    cell: str
    """Name of the cell."""
    runbooks: str
    """Where docs/ is found."""
    region: str
    """Region of the alarms."""
    topic_arn: pulumi.Input[str]
    """Topic in that region."""
    opts: pulumi.ResourceOptions
    """Parent of the alarms, and what they come after."""

    def name(self, key: str) -> str:
        """Name of an alarm. No cell's name has a slash in it, so no two cells' alarms are alike."""
        return f"{self.cell}/{key}"

    def description(self, says: str, section: str) -> str:
        """What people read: at most 1024 characters."""
        return f"{says} {self.runbooks}/alarms.md#{section}"


def register(name: str, alarm: Alarm, told: AlarmTarget) -> cloudwatch.MetricAlarm:
    """An alarm in CloudWatch, which tells when it goes off and when it is over."""
    one = alarm.watches if isinstance(alarm.watches, Series) else None
    percentile = one is not None and one.statistic.startswith("p")
    return cloudwatch.MetricAlarm(
        f"{name}-{alarm.key.replace('/', '-')}",
        cloudwatch.MetricAlarmArgs(
            name=told.name(alarm.key),
            alarm_description=told.description(alarm.says, alarm.section),
            namespace=one and one.metric.namespace,
            metric_name=one and one.metric.name,
            dimensions=(one and one.of) or None,
            statistic=one.statistic if one and not percentile else None,
            extended_statistic=one.statistic if one and percentile else None,
            period=one and one.period,
            # With few requests a percentile is that of few, and not that of an hour ago.
            evaluate_low_sample_count_percentiles="evaluate" if percentile else None,
            metric_queries=_queries(alarm.watches) if isinstance(alarm.watches, Math) else None,
            comparison_operator=_OPERATORS[alarm.comparison],
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.datapoints,
            treat_missing_data=alarm.missing,
            alarm_actions=[told.topic_arn],
            ok_actions=[told.topic_arn],
            region=told.region,
        ),
        opts=told.opts,
    )


def _queries(math: Math) -> Sequence[cloudwatch.MetricAlarmMetricQueryArgs]:
    return [
        cloudwatch.MetricAlarmMetricQueryArgs(
            id="value", expression=math.expression, label="value", return_data=True
        ),
        *(
            cloudwatch.MetricAlarmMetricQueryArgs(
                id=id_,
                return_data=False,
                metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=each.metric.namespace,
                    metric_name=each.metric.name,
                    dimensions=each.of or None,
                    period=each.period,
                    stat=each.statistic,
                ),
            )
            for id_, each in math.series.items()
        ),
    ]
