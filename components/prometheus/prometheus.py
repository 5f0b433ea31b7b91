"""Metrics of apps: the workspace that stores them, and the scraper that collects them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import amp

from components.cell_context import ClusterContext
from components.prometheus.scraping import scrape_configuration
from settings.workload.connections import Metrics


@dataclass(frozen=True, kw_only=True)
class PrometheusArgs:
    """Arguments of Prometheus."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    metrics: Mapping[str, Metrics]
    """Metrics endpoint of each app that has one, by app."""
    control_plane_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Subnet of each control-plane zone."""
    security_group_id: pulumi.Input[str]
    """Security group that EKS creates for control plane, nodes and pods."""
    access: Sequence[pulumi.Resource]
    """Resources that give the deployer access to the cluster."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A Prometheus server for queries."""

    address: pulumi.Output[str]
    """URL of the workspace without a trailing slash; clients append /api/v1/query."""
    region: str
    """Region for the signature of requests."""
    ready: Sequence[pulumi.Resource]
    """Resources that must exist as long as an app scales on a query."""


class Prometheus(pulumi.ComponentResource):
    """Creates an Amazon Managed Prometheus workspace and its scraper.

    The workspace has no customer managed key: with one, the scraper would require two more roles.
    https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-collector-how-to.html
    """

    source: Source
    """Server for queries."""
    workspace_arn: pulumi.Output[str]
    """ARN of the workspace."""

    def __init__(
        self, name: str, args: PrometheusArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Prometheus", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        workspace = amp.Workspace(name, amp.WorkspaceArgs(alias=args.context.cell), opts=child)
        scraper = self._scraper(name, args, workspace)
        self.workspace_arn = workspace.arn
        self.source = Source(
            # The endpoint of AWS ends with a slash.
            address=workspace.prometheus_endpoint.apply(lambda url: url.rstrip("/")),
            region=args.context.region,
            ready=[scraper],
        )
        self.register_outputs({"address": self.source.address, "workspace_arn": self.workspace_arn})

    def _scraper(self, name: str, args: PrometheusArgs, workspace: amp.Workspace) -> amp.Scraper:
        """Creates the scraper, which collects the metrics of pods every 30 seconds.

        The scraper uses the control-plane subnets: they never change, whereas other subnets would
        replace the scraper when zones change. AWS creates and deletes the access entry of the
        scraper.
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
                # Creation takes 17 minutes in the example of AWS; updates are as slow.
                timeouts=amp.ScraperTimeoutsArgs(create="45m", update="45m", delete="45m"),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.access),
        )
