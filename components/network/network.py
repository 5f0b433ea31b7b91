"""The network of a cell: a VPC that is made, or one that is there already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.cell_context import CellContext
from components.network.existing_vpc import adopt
from components.network.new_vpc import make
from settings.network.network import Network as NetworkSettings


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What the network of a cell needs."""

    network: NetworkSettings
    """The stack file's `network`."""
    context: CellContext
    """Name, region and account of the cell."""
    log_key_arn: pulumi.Input[str]
    """Key of the log group."""


class Network(pulumi.ComponentResource):
    """A VPC with public, private, control-plane and maybe pod subnets, ways out and flow logs."""

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    private_subnet_ids: Mapping[str, pulumi.Output[str]]
    """Private subnet of each zone, for nodes and pods. Usable once its way out exists."""
    pod_subnet_ids: Mapping[str, pulumi.Output[str]]
    """Subnet of each zone's pods; empty where they share the nodes'."""
    control_plane_subnet_ids: Mapping[str, pulumi.Output[str]]
    """Subnet of each control-plane zone."""
    public_subnet_ids: Mapping[str, pulumi.Output[str]]
    """Public subnet of each zone, for load balancers; known once it reaches the internet."""
    public_cidrs: Sequence[str]
    """Where load balancers are: of a VPC that is made also where they come to be with another zone,
    so that nothing is shut to one that comes or goes."""
    control_plane_cidrs: Sequence[str]
    """Where the control plane's network interfaces are, and those of AWS that scrape metrics."""
    nat_gateways: Mapping[str, pulumi.Output[str]]
    """Id of each NAT gateway of ours, by the first zone whose way out it is."""
    egress: Mapping[str, Sequence[pulumi.Resource]]
    """What makes each zone's nodes and pods reach AWS: nodes cannot join before, so node groups
    depend on it."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Network", name, None, opts)
        network = args.network
        if network.existing:
            places = adopt(self, network.existing, network.zones, network.control_plane_zones)
        else:
            places = make(
                self, name, network, args.context.region, args.context.cell, args.log_key_arn
            )
        self.vpc_id = places.vpc_id
        self.private_subnet_ids = places.private
        self.pod_subnet_ids = places.pods
        self.control_plane_subnet_ids = places.control_plane
        self.public_subnet_ids = places.public
        self.public_cidrs = places.public_cidrs
        self.control_plane_cidrs = places.control_plane_cidrs
        self.nat_gateways = places.nat_gateways
        self.egress = places.egress
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "private_subnet_ids": self.private_subnet_ids,
                "pod_subnet_ids": self.pod_subnet_ids,
                "control_plane_subnet_ids": self.control_plane_subnet_ids,
                "public_subnet_ids": self.public_subnet_ids,
                "public_cidrs": self.public_cidrs,
                "control_plane_cidrs": self.control_plane_cidrs,
            }
        )
