"""Parts that all resources of a VPC share, and the outputs of a VPC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import ec2

from core.load_balancers import Kind
from core.network.subnets import ipv6_subnet, prefix_reservation

ANYWHERE = "0.0.0.0/0"

Ids = Mapping[str, pulumi.Output[str]]
"""Resource ids by zone."""


@dataclass(frozen=True, kw_only=True)
class BalancerSubnets:
    """Subnets of a load balancer."""

    ids: Ids
    """Subnet in each zone."""
    cidrs: Sequence[str]
    """CIDRs of the subnets. Of a new VPC, the CIDRs of all possible zones, so that a zone that is
    added or removed changes no network policy."""


@dataclass(frozen=True, kw_only=True)
class VpcOutputs:
    """Ids and CIDRs of a VPC, new or existing; components/network/network.py describes each."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: Ids
    public_subnet_ids: Ids
    control_plane_subnet_ids: Ids
    pod_subnet_ids: Ids = field(default_factory=dict[str, pulumi.Output[str]])
    egress: Mapping[str, Sequence[pulumi.Resource]]
    nat_gateways: Ids = field(default_factory=dict[str, pulumi.Output[str]])
    balancer_subnets: Mapping[Kind, BalancerSubnets]
    control_plane_cidrs: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class VpcBuilder:
    """Creates resources in a VPC, as children of a component and with its name as prefix."""

    parent: pulumi.Resource
    name: str
    vpc_id: pulumi.Output[str]
    ipv6_block: pulumi.Output[str] | None = None
    """IPv6 block of the VPC; None: it has none."""

    def child(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        """Returns the options of a child of the component."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=[*depends_on])

    def subnet(
        self,
        role: str,
        zone: str,
        cidr: str,
        tags: Mapping[str, str] | None = None,
        *depends_on: pulumi.Resource,
        balancer: Kind | None = None,
    ) -> ec2.Subnet:
        """Creates a subnet that assigns no public addresses at launch.

        `balancer`: load balancer in the subnet, which gets an IPv6 network if the VPC has a block.
        """
        block = self.ipv6_block if balancer else None
        internal = balancer == "internal"
        full_name = f"{self.name}-{role}-{zone}"
        return ec2.Subnet(
            full_name,
            ec2.SubnetArgs(
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=cidr,
                ipv6_cidr_block=block
                and block.apply(lambda each: ipv6_subnet(each, zone, internal=internal)),
                map_public_ip_on_launch=False,
                tags={"Name": full_name, **(tags or {})},
            ),
            opts=self.child(*depends_on),
        )

    def reserve_prefixes(
        self, role: str, zone: str, subnet: ec2.Subnet, cidr: str
    ) -> ec2.SubnetCidrReservation:
        """Reserves a part of a subnet with the network `cidr` for prefixes of pod addresses."""
        return ec2.SubnetCidrReservation(
            f"{self.name}-{role}-{zone}",
            ec2.SubnetCidrReservationArgs(
                subnet_id=subnet.id,
                cidr_block=prefix_reservation(cidr),
                reservation_type="prefix",
            ),
            opts=self.child(),
        )

    def route_table(self, role: str) -> ec2.RouteTable:
        """Creates a route table with the local route only."""
        full_name = f"{self.name}-{role}"
        return ec2.RouteTable(
            full_name,
            ec2.RouteTableArgs(vpc_id=self.vpc_id, tags={"Name": full_name}),
            opts=self.child(),
        )

    def associate(
        self, role: str, zone: str, subnet: ec2.Subnet, table: ec2.RouteTable
    ) -> ec2.RouteTableAssociation:
        """Associates a subnet with a route table."""
        return ec2.RouteTableAssociation(
            f"{self.name}-{role}-{zone}",
            ec2.RouteTableAssociationArgs(subnet_id=subnet.id, route_table_id=table.id),
            opts=self.child(),
        )
