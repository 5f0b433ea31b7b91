"""The network of a cell: a new VPC, or an existing one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.cell_context import CellContext
from components.network.existing_vpc import look_up_vpc
from components.network.new_vpc import create_vpc
from components.network.vpc import BalancerSubnets, Ids
from core.load_balancers import Kind
from settings.load_balancing.load_balancing import BalancerSettings
from settings.network.network import Network as NetworkSettings


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of Network."""

    context: CellContext
    """Name, region and account of the cell."""
    network: NetworkSettings
    """The `network` section of the stack file."""
    load_balancers: Mapping[Kind, BalancerSettings]
    """Settings of each load balancer of the cell. The internal one has subnets of its own, without
    a route from the internet."""
    keeps_ipv6: bool
    """True if the VPC already has an IPv6 block, which remains."""
    log_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the flow logs."""


class Network(pulumi.ComponentResource):
    """Creates a VPC with subnets, NAT gateways, endpoints and flow logs, or looks one up."""

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    private_subnet_ids: Ids
    """Private subnet of each zone, for nodes and pods. Depend on `egress` before you use it."""
    pod_subnet_ids: Ids
    """Pod subnet of each zone; empty if pods share the subnets of the nodes."""
    control_plane_subnet_ids: Ids
    """Control-plane subnet of each control-plane zone."""
    public_subnet_ids: Ids
    """Public subnet of each zone; none in an existing VPC without them. The output is known once
    the subnet has its route to the internet."""
    balancer_subnets: Mapping[Kind, BalancerSubnets]
    """Subnets of each load balancer of the cell."""
    control_plane_cidrs: Sequence[str]
    """CIDRs of the control plane's network interfaces, and of the Prometheus scraper."""
    nat_gateways: Ids
    """Id of each NAT gateway that the program creates, by the first zone that routes to it."""
    egress: Mapping[str, Sequence[pulumi.Resource]]
    """Resources by which the nodes and pods of each zone reach AWS. Nodes cannot join the cluster
    without them, so node groups depend on them."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Network", name, None, opts)
        if args.network.existing:
            vpc = look_up_vpc(
                self,
                args.network,
                args.network.existing,
                args.load_balancers,
            )
        else:
            vpc = create_vpc(
                self,
                name,
                args.network,
                args.context,
                args.log_key_arn,
                args.load_balancers,
                keeps_ipv6=args.keeps_ipv6,
            )
        self.vpc_id = vpc.vpc_id
        self.private_subnet_ids = vpc.private_subnet_ids
        self.pod_subnet_ids = vpc.pod_subnet_ids
        self.control_plane_subnet_ids = vpc.control_plane_subnet_ids
        self.public_subnet_ids = vpc.public_subnet_ids
        self.balancer_subnets = vpc.balancer_subnets
        self.control_plane_cidrs = vpc.control_plane_cidrs
        self.nat_gateways = vpc.nat_gateways
        self.egress = vpc.egress
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "private_subnet_ids": self.private_subnet_ids,
                "pod_subnet_ids": self.pod_subnet_ids,
                "control_plane_subnet_ids": self.control_plane_subnet_ids,
                "public_subnet_ids": self.public_subnet_ids,
                "control_plane_cidrs": self.control_plane_cidrs,
                "nat_gateways": self.nat_gateways,
            }
        )

    def subnet_ids_of(self, zone: str) -> Sequence[pulumi.Output[str]]:
        """Returns the IDs of the subnets of the cell in a zone; an ID can be repeated."""
        by_purpose = (
            self.private_subnet_ids,
            self.pod_subnet_ids,
            self.control_plane_subnet_ids,
            self.public_subnet_ids,
            *(each.ids for each in self.balancer_subnets.values()),
        )
        return [ids[zone] for ids in by_purpose if zone in ids]
