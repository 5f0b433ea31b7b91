"""The EKS add-on with the CloudWatch agent and Fluent Bit, and the log groups of both."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.cell_context import ClusterContext
from components.cluster.add_ons import AddOn, AddOns, AddOnsArgs, AddOnSettings
from components.log_groups import log_group
from components.observability.agents.cloudwatch_agent import agent
from components.observability.agents.fluent_bit import application_log
from components.observability.agents.log_archive import LogArchive, log_archive
from core.facts.versions.add_ons import CLOUDWATCH_OBSERVABILITY, major_and_minor
from settings.observability.observability import Observability as ObservabilitySettings

_LOG_GROUPS = ("application", "dataplane", "host", "performance")
"""Log groups of the add-on below /aws/containerinsights/CLUSTER.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-EKS-logs.html"""


@dataclass(frozen=True, kw_only=True)
class ObservabilityArgs:
    """Arguments of Observability."""

    observability: ObservabilitySettings
    """The `observability` section of the stack file."""
    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    multiline_parsers: Mapping[str, str]
    """Multiline parser of Fluent Bit for each app that names one, by app."""
    traced: bool
    """True if an app sends traces."""
    log_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the log groups."""
    add_on_settings: AddOnSettings
    """Kubernetes version, and overrides of add-on versions and configurations."""


class Observability(pulumi.ComponentResource):
    """Creates log groups with retention, the add-on with the agents, and optionally an archive."""

    log_groups: Mapping[str, pulumi.Output[str]]
    """Name of each log group, by kind: application, dataplane, host, performance."""

    def __init__(
        self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Observability", name, None, opts)
        # Otherwise the agents create the log groups, without retention.
        groups = {
            kind: log_group(
                f"{name}-{kind}",
                _path(args.context.cell, kind),
                args.observability.log_retention_days,
                args.log_key_arn,
                self,
            )
            for kind in _LOG_GROUPS
        }
        self.log_groups = {kind: group.name for kind, group in groups.items()}
        archive_settings = args.observability.archive
        archive = (
            log_archive(
                f"{name}-archive", archive_settings, args.context.cell, args.context.region, self
            )
            if archive_settings
            else None
        )
        AddOns(
            name,
            AddOnsArgs(
                add_ons=[_cloudwatch(args, archive)],
                context=args.context,
                add_on_settings=args.add_on_settings,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[*groups.values()]),
        )
        self.register_outputs({"log_groups": self.log_groups})


def _path(cell: str, kind: str) -> str:
    return f"/aws/containerinsights/{cell}/{kind}"


def _cloudwatch(args: ObservabilityArgs, archive: LogArchive | None) -> AddOn:
    """Returns the add-on, which runs on all nodes, also on nodes with taints. Keys:

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
    """
    files: dict[str, object] = {
        "application-log.conf": application_log(
            args.multiline_parsers, args.context.region, _path(args.context.cell, "application")
        )
    }
    if archive:
        files["archive.conf"] = archive.output
    return AddOn(
        name=CLOUDWATCH_OBSERVABILITY,
        service_account="cloudwatch-agent",
        policy="arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy",
        inline_policy=archive and archive.rights,
        configuration={
            "agents": [agent(args.observability.agent, args.context.region, traced=args.traced)],
            "containerLogs": {"enabled": True, "fluentBit": {"config": {"extraFiles": files}}},
            # Otherwise the webhook injects tracing agents into all workloads.
            "manager": {"applicationSignals": {"autoMonitor": {"monitorAllServices": False}}},
            "tolerations": [{"operator": "Exists"}],
        },
        configuration_of=_pipelines,
    )


def _pipelines(version: str) -> Mapping[str, object]:
    """Returns the pipelines that a version can turn on and off: only classic Container Insights.

    The alarms read its metrics. OTel Container Insights would publish, and charge, all metrics a
    second time. The keys exist since 6.2.0, `otlp` since 8.0.0, where it is on by default.
    https://github.com/aws-observability/helm-charts/blob/amazon-cloudwatch-observability-6.2.0/charts/amazon-cloudwatch-observability/values.yaml
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/eks-observability-addon-otlp-endpoint.html
    """
    keys: dict[str, object] = {}
    if major_and_minor(version) >= (6, 2):
        keys |= {
            "containerInsights": {"enabled": True},
            "otelContainerInsights": {"enabled": False},
            "applicationSignals": {"enabled": False},
        }
    if major_and_minor(version) >= (8, 0):
        keys |= {"otlp": {"enabled": False}}
    return keys
