"""Metric filters on the log of the Cluster Autoscaler, whose own metrics are not in CloudWatch.

A log line of a pod is a JSON record: the container is in `kubernetes.container_name`, the line in
`log`.
https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
Syntax of patterns:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

import pulumi
from pulumi_aws import cloudwatch

from components.overprovisioner import NAMESPACE as HEADROOM_NAMESPACE
from core.facts.metrics import AUTOSCALER_ERRORS, AUTOSCALER_UNSCHEDULABLE, log_metric
from core.facts.system_deployments import AUTOSCALER_CONTAINER

_CONDITIONS = {
    # At verbosity 4, the default of the chart, events are log lines too. Events of pause pods do
    # not count. A pattern cannot contain a quotation mark, so the namespace matches anywhere.
    # https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/utils/kubernetes/event_sink_logging_wrapper.go
    AUTOSCALER_UNSCHEDULABLE: '($.log = "*NotTriggerScaleUp*") && '
    f'($.log != "*{HEADROOM_NAMESPACE}*")',
    # https://github.com/kubernetes/klog/blob/v2.130.1/klog.go: the first letter is the severity.
    AUTOSCALER_ERRORS: '($.log = "E*")',
}
"""Condition on log lines, by name of the metric."""


def metric_filters(
    name: str, cell: str, log_group: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    """Creates the metric filters on the log group of applications."""
    for metric_name, condition in _CONDITIONS.items():
        metric = log_metric(cell, metric_name)
        cloudwatch.LogMetricFilter(
            f"{name}-{metric_name}",
            cloudwatch.LogMetricFilterArgs(
                name=metric_name,
                log_group_name=log_group,
                pattern=f'{{ ($.kubernetes.container_name = "{AUTOSCALER_CONTAINER}") && '
                f"{condition} }}",
                metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                    namespace=metric.namespace, name=metric.name, value="1"
                ),
            ),
            opts=opts,
        )
