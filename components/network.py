"""The VPC of a cell: subnets in every zone, and their ways out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from core.subnets import zone_subnets
from settings.network import Network as NetworkSettings

_ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What the network of a cell needs."""

    network: NetworkSettings
    """The stack file's `network`."""
    region: str
    """Region of the cell."""


class Network(pulumi.ComponentResource):
    """A VPC with public, private and control-plane subnets, NAT gateways and an S3 endpoint."""

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    private_subnet_ids: Mapping[str, pulumi.Output[str]]
    """Private subnet of each zone, for nodes and pods. Usable once its way out exists."""
    control_plane_subnet_ids: Mapping[str, pulumi.Output[str]]
    """Subnet of each control-plane zone."""
    public_subnet_ids: Mapping[str, pulumi.Output[str]]
    """Public subnet of each zone, for load balancers."""
    egress: Mapping[str, Sequence[pulumi.Resource]]
    """What makes each zone's private subnet go out by its NAT gateway: nodes cannot join before,
    so node groups depend on it."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Network", name, None, opts)
        self._name_prefix = name
        network = args.network

        vpc = ec2.Vpc(
            f"{name}-vpc",
            ec2.VpcArgs(
                cidr_block=network.cidr,
                enable_dns_support=True,
                enable_dns_hostnames=True,
                tags={"Name": name},
            ),
            opts=self._child(),
        )
        self.vpc_id = vpc.id
        public_routes = self._public_routes(vpc)

        public: dict[str, ec2.Subnet] = {}
        routed: dict[str, pulumi.Resource] = {}
        for zone in network.zones:
            cidr = zone_subnets(network.cidr, zone).public
            public[zone] = self._subnet("public", zone, cidr, {"kubernetes.io/role/elb": "1"})
            routed[zone] = self._associate("public", zone, public[zone], public_routes)

        nats = self._nats(network, public, routed)
        private: dict[str, ec2.Subnet] = {}
        tables: dict[str, ec2.RouteTable] = {}
        egress: dict[str, Sequence[pulumi.Resource]] = {}
        for zone in network.zones:
            cidr = zone_subnets(network.cidr, zone).private
            tags = {"kubernetes.io/role/internal-elb": "1"}
            private[zone] = self._subnet("private", zone, cidr, tags)
            tables[zone] = self._route_table(f"private-{zone}")
            route = ec2.Route(
                f"{name}-private-{zone}-egress",
                ec2.RouteArgs(
                    route_table_id=tables[zone].id,
                    destination_cidr_block=_ANYWHERE,
                    nat_gateway_id=nats[zone].id,
                ),
                opts=self._child(),
            )
            egress[zone] = [route, self._associate("private", zone, private[zone], tables[zone])]

        control_plane = {
            zone: self._subnet(
                "control-plane", zone, zone_subnets(network.cidr, zone).control_plane, {}
            )
            for zone in network.control_plane_zones
        }
        control_plane_routes = self._route_table("control-plane")
        for zone, subnet in control_plane.items():
            self._associate("control-plane", zone, subnet, control_plane_routes)

        ec2.VpcEndpoint(
            f"{name}-s3",
            ec2.VpcEndpointArgs(
                vpc_id=vpc.id,
                service_name=f"com.amazonaws.{args.region}.s3",
                vpc_endpoint_type="Gateway",
                route_table_ids=[table.id for table in tables.values()],
                tags={"Name": f"{name}-s3"},
            ),
            opts=self._child(),
        )

        self.public_subnet_ids = {zone: subnet.id for zone, subnet in public.items()}
        self.private_subnet_ids = {zone: subnet.id for zone, subnet in private.items()}
        self.control_plane_subnet_ids = {zone: subnet.id for zone, subnet in control_plane.items()}
        self.egress = egress
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "private_subnet_ids": self.private_subnet_ids,
                "control_plane_subnet_ids": self.control_plane_subnet_ids,
                "public_subnet_ids": self.public_subnet_ids,
            }
        )

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _subnet(self, role: str, zone: str, cidr: str, tags: Mapping[str, str]) -> ec2.Subnet:
        full_name = f"{self._name_prefix}-{role}-{zone}"
        return ec2.Subnet(
            full_name,
            ec2.SubnetArgs(
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                tags={"Name": full_name, **tags},
            ),
            opts=self._child(),
        )

    def _route_table(self, role: str) -> ec2.RouteTable:
        full_name = f"{self._name_prefix}-{role}"
        return ec2.RouteTable(
            full_name,
            ec2.RouteTableArgs(vpc_id=self.vpc_id, tags={"Name": full_name}),
            opts=self._child(),
        )

    def _associate(
        self, role: str, zone: str, subnet: ec2.Subnet, table: ec2.RouteTable
    ) -> ec2.RouteTableAssociation:
        return ec2.RouteTableAssociation(
            f"{self._name_prefix}-{role}-{zone}",
            ec2.RouteTableAssociationArgs(subnet_id=subnet.id, route_table_id=table.id),
            opts=self._child(),
        )

    def _public_routes(self, vpc: ec2.Vpc) -> ec2.RouteTable:
        gateway = ec2.InternetGateway(
            f"{self._name_prefix}-internet",
            ec2.InternetGatewayArgs(vpc_id=vpc.id, tags={"Name": self._name_prefix}),
            opts=self._child(),
        )
        table = self._route_table("public")
        self._internet_route = ec2.Route(
            f"{self._name_prefix}-public-internet",
            ec2.RouteArgs(
                route_table_id=table.id,
                destination_cidr_block=_ANYWHERE,
                gateway_id=gateway.id,
            ),
            opts=self._child(),
        )
        return table

    def _nats(
        self,
        network: NetworkSettings,
        public: Mapping[str, ec2.Subnet],
        routed: Mapping[str, pulumi.Resource],
    ) -> Mapping[str, ec2.NatGateway]:
        """The NAT gateway that each zone goes out by, in a subnet that is `routed` outside."""
        with_nat = network.zones if network.nat == "perZone" else network.zones[:1]
        nats = {zone: self._nat(zone, public[zone], routed[zone]) for zone in with_nat}
        return {zone: nats.get(zone, nats[with_nat[0]]) for zone in network.zones}

    def _nat(self, zone: str, subnet: ec2.Subnet, routed: pulumi.Resource) -> ec2.NatGateway:
        full_name = f"{self._name_prefix}-nat-{zone}"
        address = ec2.Eip(
            full_name,
            ec2.EipArgs(domain="vpc", tags={"Name": full_name}),
            opts=self._child(),
        )
        return ec2.NatGateway(
            full_name,
            ec2.NatGatewayArgs(
                allocation_id=address.id, subnet_id=subnet.id, tags={"Name": full_name}
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._internet_route, routed]),
        )
