"""Keeps a primary cell out of service after a failover, until a person fails back.

alarms ─▸ EventBridge rule ──▸ log group ──▸ metric filter: 1 ──▸ metric ──▸ health check
                                             make failback: 0 ──▸

Nothing else publishes to the metric. While the metric has no data, Route 53 retains the last status
of the health check, so that one 1 makes the check unhealthy until the next 0.

All parts are in us-east-1, because Route 53 publishes its metrics only there. If a part
fails, the latch is not set: the cell then fails back as soon as it is healthy, as without a latch.

- Route 53 reads the metric of an alarm, not its state: plain statistics, standard resolution.
  https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
- LastKnownStatus: https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
- CloudWatch guarantees the delivery of changes of alarms to EventBridge:
  https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
- A rule without a role writes to a log group whose name begins with /aws/events/, and whose policy
  permits it: https://repost.aws/knowledge-center/cloudwatch-log-group-eventbridge
- Filters of JSON fields:
  https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.cell_context import CellContext
from components.metric_health_check import metric_health_check
from core.facts.metrics import HEALTH_CHECK_STATUS, ROUTE53_REGION
from core.failover_latch import FAILED_MINUTES, MINUTES, LatchNames
from core.iam import event_log_policy

_RETENTION_DAYS = 90
"""Days for which the log group retains the changes of the alarms."""


@dataclass(frozen=True, kw_only=True)
class FailoverLatchArgs:
    """Arguments of FailoverLatch."""

    context: CellContext
    """Name, region and account of the cell."""
    internal: bool
    """True: the latch of the records of the internal load balancer."""
    health_checks: Mapping[str, pulumi.Input[str]]
    """ID of the health check of each deciding app, by app."""
    label: str
    """Text for the Name tag of the health check, which is cut to its limit."""


class FailoverLatch(pulumi.ComponentResource):
    """Creates a health check that stays unhealthy after a failover."""

    health_check_id: pulumi.Output[str]
    """ID of the health check."""

    def __init__(
        self, name: str, args: FailoverLatchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:FailoverLatch", name, None, opts)
        cell = args.context.cell
        names = LatchNames(cell=cell, internal=args.internal)
        before = [
            *_setting_alarms(self, name, names, args.health_checks),
            *_record_failovers(self, name, names),
        ]
        alarm = cloudwatch.MetricAlarm(
            name,
            cloudwatch.MetricAlarmArgs(
                name=names.alarm,
                alarm_description="Route 53 sends no users to this cell after a failover, until a "
                f"person runs make failback STACK={cell}.\n"
                "First check: make fleet-status",
                namespace=names.metric.namespace,
                metric_name=names.metric.name,
                statistic="Maximum",
                period=300,  # data of a log event arrives late
                evaluation_periods=1,
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=1,
                treat_missing_data="ignore",  # shows the status that the health check retains
                region=ROUTE53_REGION,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        check = metric_health_check(
            name,
            alarm,
            ROUTE53_REGION,
            "LastKnownStatus",
            f"{args.label} failed over",
            # A latch that cannot be set yet would let the cell fail back by itself.
            pulumi.ResourceOptions(parent=self, depends_on=before),
        )
        self.health_check_id = check.id
        self.register_outputs({"health_check_id": self.health_check_id})


def _setting_alarms(
    parent: pulumi.Resource,
    name: str,
    names: LatchNames,
    health_checks: Mapping[str, pulumi.Input[str]],
) -> Sequence[pulumi.Resource]:
    """Creates an alarm on each health check, which sets the latch.

    The alarms `health/APP` do not set it: they also report a health check without data.
    """
    return [
        cloudwatch.MetricAlarm(
            f"{name}-{app}",
            cloudwatch.MetricAlarmArgs(
                name=names.setting_alarm(app),
                alarm_description=f"The Route 53 health check of app {app} has failed in "
                f"{FAILED_MINUTES} of {MINUTES} minutes: the primary cell serves again "
                f"only after make failback STACK={names.cell}.",
                namespace=HEALTH_CHECK_STATUS.namespace,
                metric_name=HEALTH_CHECK_STATUS.name,
                dimensions={"HealthCheckId": check_id},
                statistic="Minimum",
                period=60,
                evaluation_periods=MINUTES,
                datapoints_to_alarm=FAILED_MINUTES,
                comparison_operator="LessThanThreshold",
                threshold=1,
                treat_missing_data="notBreaching",
                region=ROUTE53_REGION,
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for app, check_id in health_checks.items()
    ]


def _record_failovers(
    parent: pulumi.Resource, name: str, names: LatchNames
) -> Sequence[pulumi.Resource]:
    """Creates the parts that write 1 to the metric when an alarm changes from OK to ALARM.

    The rule has the prefix of the alarms: a pattern of EventBridge has at most 2,048 characters.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    """
    child = pulumi.ResourceOptions(parent=parent)
    group = cloudwatch.LogGroup(
        name,
        cloudwatch.LogGroupArgs(
            name=names.log_group,
            retention_in_days=_RETENTION_DAYS,
            region=ROUTE53_REGION,
        ),
        opts=child,
    )
    policy = cloudwatch.LogResourcePolicy(
        name,
        cloudwatch.LogResourcePolicyArgs(
            resource_arn=group.arn,
            policy_document=pulumi.Output.json_dumps(
                event_log_policy(pulumi.Output.format("{0}:*", group.arn))
            ),
            region=ROUTE53_REGION,
        ),
        opts=child,
    )
    changes = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {
            "alarmName": [{"prefix": names.setting_prefix}],
            "previousState": {"value": ["OK"]},  # a new alarm does not set the latch
            "state": {"value": ["ALARM"]},
        },
    }
    rule = cloudwatch.EventRule(
        name,
        cloudwatch.EventRuleArgs(
            name=names.event_rule,
            description=f"Failovers of {names.cell}",
            event_pattern=json.dumps(changes),
            region=ROUTE53_REGION,
        ),
        opts=child,
    )
    target = cloudwatch.EventTarget(
        name,
        cloudwatch.EventTargetArgs(
            rule=rule.name, target_id="log", arn=group.arn, region=ROUTE53_REGION
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )
    metric = names.metric
    filter_ = cloudwatch.LogMetricFilter(
        name,
        cloudwatch.LogMetricFilterArgs(
            name=metric.name,
            log_group_name=group.name,
            pattern='{ $.detail.state.value = "ALARM" }',
            metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=metric.namespace, name=metric.name, value="1"
            ),
            region=ROUTE53_REGION,
        ),
        opts=child,
    )
    return [target, filter_]
