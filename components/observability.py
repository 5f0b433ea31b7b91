"""Logs and metrics of nodes and pods: Container Insights and Fluent Bit, as one EKS add-on."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.add_ons import AddOn, AddOnChoices, AddOns, AddOnsArgs
from components.logs import log_group
from settings.observability import Observability as ObservabilitySettings

_LOG_GROUPS = ("application", "dataplane", "host", "performance")
"""What the add-on writes to below /aws/containerinsights/CLUSTER.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-EKS-logs.html"""

CLOUDWATCH = AddOn(
    name="amazon-cloudwatch-observability",
    service_account="cloudwatch-agent",
    policy="arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy",
    # Its webhook would put tracing agents into every workload.
    configuration={
        "manager": {"applicationSignals": {"autoMonitor": {"monitorAllServices": False}}}
    },
)
"""Keys of the configuration:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
https://github.com/aws-observability/helm-charts/blob/main/charts/amazon-cloudwatch-observability/values.yaml
"""


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """What observability needs."""

    observability: ObservabilitySettings
    """The stack file's `observability`."""
    cell: str
    """Name of the cell, and of the cluster."""
    cluster_name: pulumi.Input[str]
    """Name of the cluster, taken from the cluster itself so that order holds."""
    log_key_arn: pulumi.Input[str]
    """Key of the log groups."""
    choices: AddOnChoices
    """What decides on the add-on's version and configuration."""


class Observability(pulumi.ComponentResource):
    """Log groups with retention, and the add-on that writes to them."""

    log_groups: Mapping[str, pulumi.Output[str]]
    """Name of each log group, by what is in it: application, dataplane, host, performance."""

    def __init__(
        self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Observability", name, None, opts)
        # The agents make them as well, kept for ever, unless they are there already.
        groups = {
            kind: log_group(
                f"{name}-{kind}",
                f"/aws/containerinsights/{args.cell}/{kind}",
                args.observability.log_retention_days,
                args.log_key_arn,
                self,
            )
            for kind in _LOG_GROUPS
        }
        self.log_groups = {kind: group.name for kind, group in groups.items()}
        AddOns(
            name,
            AddOnsArgs(
                add_ons=[CLOUDWATCH],
                cluster_name=args.cluster_name,
                choices=args.choices,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[*groups.values()]),
        )
        self.register_outputs({"log_groups": self.log_groups})
