"""An alarm as plain data, and its registration in CloudWatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import cloudwatch

from components.observability.metric_sources import Series

Kind = Literal["impact", "redundancy", "health", "stop"]

_OPERATORS = {
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
}


@dataclass(frozen=True, kw_only=True)
class Math:
    """A metric math expression over several series.

    A missing value counts as 0 if another series has a value, and x / 0 yields no value:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """

    expression: str
    """Metric math over the names of the series."""
    series: Mapping[str, Series]
    """One to ten series of the same period, by name; names start with a lower-case letter."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Condition of a metric alarm, and the text for its subscribers."""

    key: str
    """Name within the cell, such as app/web/hosts/us-east-1a."""
    kind: Kind
    """impact: users are affected; redundancy: reserve capacity is lost or cannot be added;
    health: a Route 53 health check fails; stop: practice runs and experiments must stop, and other
    alarms notify the subscribers."""
    description: str
    """Problem and its consequences, in full sentences."""
    first_check: str
    """First command to run, or first query or graph to open."""
    page: str = "alarms.md"
    """Page in docs/ that says what to do."""
    section: str
    """Anchor of the section on the page."""
    value: Series | Math
    """Value that is compared with the threshold."""
    comparison: Literal["<", "<=", ">", ">="]
    """Comparison of the value with the threshold."""
    threshold: float
    """Threshold."""
    periods: int
    """Number of periods that are evaluated."""
    datapoints: int | None = None
    """Number of periods that must breach the threshold; None: all."""
    missing_data: Literal["breaching", "notBreaching"]
    """Treatment of periods without data. Never "ignore", which keeps an alarm in its last state."""

    @property
    def app(self) -> str | None:
        """App whose metrics the alarm evaluates: APP in app/APP/…; None for other alarms."""
        first, _, rest = self.key.partition("/")
        return rest.partition("/")[0] if first == "app" else None

    @property
    def period(self) -> int:
        """Period in seconds."""
        if isinstance(self.value, Series):
            return self.value.period
        return next(iter(self.value.series.values())).period


@dataclass(frozen=True, kw_only=True)
class AlarmTarget:
    """Region and topic of alarms, and the location of their runbooks."""

    cell: str
    """Name of the cell."""
    runbooks: str
    """URL of the folder docs/."""
    region: str
    """Region of the alarms."""
    topic_arn: pulumi.Input[str]
    """ARN of the topic in this region."""
    opts: pulumi.ResourceOptions
    """Parent and dependencies of the alarms."""

    def name(self, key: str) -> str:
        """Returns the name of an alarm, unique among cells: names of cells contain no slash."""
        return f"{self.cell}/{key}"

    def description(self, text: str, first_check: str, runbook: str) -> str:
        """Returns the description for subscribers, at most 1,024 characters.

        `runbook` is a page in docs/ and a section.
        """
        return f"{text}\nFirst check: {first_check}\nRunbook: {self.runbooks}/{runbook}"


def register(
    name: str, alarm: Alarm, target: AlarmTarget, after: Sequence[pulumi.Resource] = ()
) -> cloudwatch.MetricAlarm:
    """Creates an alarm that notifies the topic when it goes off and when it returns to OK.

    An alarm of the kind stop notifies no topic.

    The alarm is created after the topic and the resources in `after`.
    """
    single = alarm.value if isinstance(alarm.value, Series) else None
    actions = [target.topic_arn] if alarm.kind != "stop" else []
    percentile = single is not None and single.statistic.startswith("p")
    return cloudwatch.MetricAlarm(
        f"{name}-{alarm.key.replace('/', '-')}",
        cloudwatch.MetricAlarmArgs(
            name=target.name(alarm.key),
            alarm_description=target.description(
                alarm.description, alarm.first_check, f"{alarm.page}#{alarm.section}"
            ),
            namespace=single and single.metric.namespace,
            metric_name=single and single.metric.name,
            dimensions=(single and single.dimensions) or None,
            statistic=single.statistic if single and not percentile else None,
            extended_statistic=single.statistic if single and percentile else None,
            period=single and single.period,
            # Otherwise the alarm keeps its state while there are few requests.
            evaluate_low_sample_count_percentiles="evaluate" if percentile else None,
            metric_queries=_queries(alarm.value) if isinstance(alarm.value, Math) else None,
            comparison_operator=_OPERATORS[alarm.comparison],
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.datapoints,
            treat_missing_data=alarm.missing_data,
            alarm_actions=actions,
            ok_actions=actions,
            region=target.region,
        ),
        opts=pulumi.ResourceOptions.merge(target.opts, pulumi.ResourceOptions(depends_on=[*after])),
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
                    namespace=series.metric.namespace,
                    metric_name=series.metric.name,
                    dimensions=series.dimensions or None,
                    period=series.period,
                    stat=series.statistic,
                ),
            )
            for id_, series in math.series.items()
        ),
    ]
