"""What is counted in the log of the Cluster Autoscaler, whose own metrics CloudWatch does not have.

A line of a pod is JSON in its log group: `kubernetes.container_name`, and the line itself in `log`.
https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
How patterns are written:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

import pulumi
from pulumi_aws import cloudwatch

from components.overprovisioner import NAMESPACE as HEADROOM_NAMESPACE
from core.facts.metrics import AUTOSCALER_ERRORS, AUTOSCALER_UNSCHEDULABLE, logged
from core.facts.system_deployments import AUTOSCALER_CONTAINER

_LINES = {
    # Events are lines too, at the verbosity 4 of its chart. What would not fit only because room
    # is held is no news; a quotation mark cannot be written in a pattern, so the namespace is any
    # word in the line.
    # https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/utils/kubernetes/event_sink_logging_wrapper.go
    AUTOSCALER_UNSCHEDULABLE: '($.log = "*NotTriggerScaleUp*") && '
    f'($.log != "*{HEADROOM_NAMESPACE}*")',
    # https://github.com/kubernetes/klog/blob/v2.130.1/klog.go: the first letter is the severity.
    AUTOSCALER_ERRORS: '($.log = "E*")',
}
"""Which of its lines each metric counts."""


def filters(
    name: str, cell: str, log_group: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> None:
    """A metric filter for each, on the log group of applications."""
    for own, lines in _LINES.items():
        metric = logged(cell, own)
        cloudwatch.LogMetricFilter(
            f"{name}-{own}",
            cloudwatch.LogMetricFilterArgs(
                name=own,
                log_group_name=log_group,
                pattern=f'{{ ($.kubernetes.container_name = "{AUTOSCALER_CONTAINER}") && '
                f"{lines} }}",
                metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
                    namespace=metric.namespace, name=metric.name, value="1"
                ),
            ),
            opts=opts,
        )
