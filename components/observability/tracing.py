"""The traces of a cell's apps, as X-Ray keeps them apart from others.

Apps send them to the CloudWatch agent of their node, which hands them on to X-Ray. How many there
are is decided where a request comes in: SDKs that ask X-Ray for its rules are told by the rule made
here. All others, and X-Ray's rules never reach those, follow the OTEL_TRACES_SAMPLER that
components/app/telemetry.py gives them: the same share, without the one a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import xray

from components.cell_context import CellContext
from core.trace_names import of_services, service, short

_PRIORITY = 9000
"""Of the rule, 1 to 9999: what people decide on single services by rules of their own, at any
lower number, comes first.
https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html"""


@dataclass(frozen=True, kw_only=True)
class TracingArgs:
    """What decides on the traces that are kept, and found."""

    context: CellContext
    """Name, region and account of the cell."""
    apps: Sequence[str]
    """Names of the apps that are traced, at least one."""
    sampled_percent: float
    """How many of the requests are traced, beside the first of every second."""


class Tracing(pulumi.ComponentResource):
    """A group of the cell's traces, which X-Ray looks through for anomalies, and the rule of how
    many there are."""

    def __init__(
        self, name: str, args: TracingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Tracing", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        xray.Group(
            name,
            xray.GroupArgs(
                group_name=short(args.context.cell),
                filter_expression=of_services(service(args.context.cell, app) for app in args.apps),
                insights_configuration=xray.GroupInsightsConfigurationArgs(
                    insights_enabled=True, notifications_enabled=False
                ),
            ),
            opts=child,
        )
        xray.SamplingRule(
            name,
            xray.SamplingRuleArgs(
                rule_name=short(args.context.cell),
                version=1,
                priority=_PRIORITY,
                service_name=service(args.context.cell, "*"),
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
