"""Where metrics of apps are kept, how they come there, and who asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import amp

from components.cell_context import ClusterContext
from components.helm_controller import Controller, ControllerArgs
from components.images import Pulled
from components.prometheus import keda
from components.prometheus.scraping import scrape_configuration
from core.facts.versions import KEDA
from settings.app.connections import Metrics


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    """What queries need."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    metrics: Mapping[str, Metrics]
    """Metrics endpoint of each app that has one, by app."""
    control_plane_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Subnet of each control-plane zone."""
    security_group_id: pulumi.Input[str]
    """Security group of control plane, nodes and pods: the one that EKS makes."""
    access: Sequence[pulumi.Resource]
    """What lets the deployer into the cluster."""
    before_pods: Sequence[pulumi.Resource]
    """What pods need: nodes, and the cluster's DNS."""
    pulled: Pulled
    """Where its images are pulled from."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who answers queries."""

    address: pulumi.Output[str]
    """Address of the workspace, without a slash at its end: /api/v1/query comes after it."""
    region: str
    """Region that requests are signed for."""
    ready: Sequence[pulumi.Resource]
    """What has to be there before an app follows a query, and until the last has left."""


class Prometheus(pulumi.ComponentResource):
    """An Amazon Managed Prometheus workspace, its scraper, and KEDA.

    The workspace has no key of its own: a scraper that writes into one with a key needs two more
    roles. https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-collector-how-to.html
    """

    source: Source
    """Who answers queries."""

    def __init__(
        self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Prometheus", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        workspace = amp.Workspace(name, amp.WorkspaceArgs(alias=args.context.cell), opts=child)
        scraper = self._scraper(name, args, workspace)
        controller = Controller(
            f"{name}-{KEDA.name}",
            ControllerArgs(
                chart=KEDA,
                context=args.context,
                policy=workspace.arn.apply(keda.policy_for),
                values=keda.values(args.pulled),
                without=keda.WITHOUT,
                after=args.before_pods,
            ),
            child,
        )
        self.source = Source(
            # AWS has it with a slash.
            address=workspace.prometheus_endpoint.apply(lambda url: url.rstrip("/")),
            region=args.context.region,
            ready=[controller.release, scraper],
        )
        self.register_outputs({"address": self.source.address})

    def _scraper(self, name: str, args: PrometheusArgs, workspace: amp.Workspace) -> amp.Scraper:
        """Reads the pods' metrics every 30 s, as its own principal in the cluster.

        Its subnets are the cluster's own, as AWS has it: they stay when zones come and go, and
        others would replace it. AWS makes its access entry, and takes it away.
        """
        return amp.Scraper(
            name,
            amp.ScraperArgs(
                alias=args.context.cell,
                scrape_configuration=scrape_configuration(args.metrics),
                destination=amp.ScraperDestinationArgs(
                    amp=amp.ScraperDestinationAmpArgs(workspace_arn=workspace.arn)
                ),
                source=amp.ScraperSourceArgs(
                    eks=amp.ScraperSourceEksArgs(
                        cluster_arn=args.context.cluster_arn,
                        subnet_ids=[
                            id_ for _, id_ in sorted(args.control_plane_subnet_ids.items())
                        ],
                        security_group_ids=[args.security_group_id],
                    )
                ),
                # 17 minutes until it is active in AWS's own example; updates are as slow.
                timeouts=amp.ScraperTimeoutsArgs(create="45m", update="45m", delete="45m"),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.access),
        )
