"""X-Ray group and sampling rule for the traces of a cell.

Apps send traces to the CloudWatch agent on their node, which forwards them to X-Ray. The app that
receives a request decides whether the request is traced:

- SDKs that request sampling rules from X-Ray follow the rule in this module.
- All other SDKs follow OTEL_TRACES_SAMPLER, which components/app/open_telemetry.py sets: the same
  percentage, but without the additional request per second.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import xray

from components.cell_context import CellContext
from core.trace_names import cell_in_traces, service_name, services_filter

_PRIORITY = 9000
"""Priority of the rule, 1 to 9999. Custom rules for single services with a lower number win.
https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html"""


@dataclass(frozen=True, kw_only=True)
class TracingArgs:
    """Arguments of Tracing."""

    context: CellContext
    """Name, region and account of the cell."""
    apps: Sequence[str]
    """Names of the traced apps, at least one."""
    sampled_percent: float
    """Percentage of requests that are traced, in addition to the first request of each second."""


class Tracing(pulumi.ComponentResource):
    """Creates the X-Ray group of the cell, with anomaly detection, and its sampling rule."""

    def __init__(
        self, name: str, args: TracingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Tracing", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        xray.Group(
            name,
            xray.GroupArgs(
                group_name=cell_in_traces(args.context.cell),
                filter_expression=services_filter(
                    service_name(args.context.cell, app) for app in args.apps
                ),
                insights_configuration=xray.GroupInsightsConfigurationArgs(
                    insights_enabled=True, notifications_enabled=False
                ),
            ),
            opts=child,
        )
        xray.SamplingRule(
            name,
            xray.SamplingRuleArgs(
                rule_name=cell_in_traces(args.context.cell),
                version=1,
                priority=_PRIORITY,
                service_name=service_name(args.context.cell, "*"),
                service_type="*",
                host="*",
                http_method="*",
                url_path="*",
                resource_arn="*",
                reservoir_size=1,
                fixed_rate=args.sampled_percent / 100,
            ),
            opts=child,
        )
        self.register_outputs({})
