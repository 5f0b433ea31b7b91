"""What every part of a VPC is made with, and what a VPC gives to the rest of the cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import ec2

ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where the cell's parts are, by zone."""

    vpc_id: pulumi.Output[str]
    private: Mapping[str, pulumi.Output[str]]
    public: Mapping[str, pulumi.Output[str]]
    control_plane: Mapping[str, pulumi.Output[str]]
    pods: Mapping[str, pulumi.Output[str]] = field(default_factory=dict[str, pulumi.Output[str]])
    egress: Mapping[str, Sequence[pulumi.Resource]]
    nat_gateways: Mapping[str, pulumi.Output[str]] = field(
        default_factory=dict[str, pulumi.Output[str]]
    )
    public_cidrs: Sequence[str]
    control_plane_cidrs: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Site:
    """A VPC that parts are made in: children of a component, named after it."""

    parent: pulumi.Resource
    name: str
    vpc_id: pulumi.Output[str]

    def child(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a part that comes after others."""
        return pulumi.ResourceOptions(parent=self.parent, depends_on=[*after])

    def subnet(
        self,
        role: str,
        zone: str,
        cidr: str,
        tags: Mapping[str, str] | None = None,
        *after: pulumi.Resource,
    ) -> ec2.Subnet:
        """A subnet for `role` in a zone, of which nothing gets a public address by itself."""
        full_name = f"{self.name}-{role}-{zone}"
        return ec2.Subnet(
            full_name,
            ec2.SubnetArgs(
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                tags={"Name": full_name, **(tags or {})},
            ),
            opts=self.child(*after),
        )

    def route_table(self, role: str) -> ec2.RouteTable:
        """A route table without routes of its own."""
        full_name = f"{self.name}-{role}"
        return ec2.RouteTable(
            full_name,
            ec2.RouteTableArgs(vpc_id=self.vpc_id, tags={"Name": full_name}),
            opts=self.child(),
        )

    def associate(
        self, role: str, zone: str, subnet: ec2.Subnet, table: ec2.RouteTable
    ) -> ec2.RouteTableAssociation:
        """Gives a subnet its routes."""
        return ec2.RouteTableAssociation(
            f"{self.name}-{role}-{zone}",
            ec2.RouteTableAssociationArgs(subnet_id=subnet.id, route_table_id=table.id),
            opts=self.child(),
        )
