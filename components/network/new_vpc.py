"""A new VPC: subnets in each zone, and their routes to the internet and to AWS."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2

from components.cell_context import CellContext
from components.network.flow_logs import flow_log
from components.network.nat_gateways import nat_gateways
from components.network.vpc import ANYWHERE, BalancerSubnets, Ids, VpcBuilder, VpcOutputs
from components.network.vpc_endpoints import interface_endpoints, s3_gateway_endpoint
from core.load_balancers import Kind
from core.network.subnets import all_zone_subnets, pod_subnet, zone_subnets
from settings.load_balancing.load_balancing import BalancerSettings
from settings.network.network import Network

_Subnets = Mapping[str, ec2.Subnet]


def create_vpc(
    parent: pulumi.Resource,
    name: str,
    network: Network,
    context: CellContext,
    log_key_arn: pulumi.Input[str],
    load_balancers: Mapping[Kind, BalancerSettings],
    *,
    keeps_ipv6: bool,
) -> VpcOutputs:
    """Creates the VPC and everything in it, as children of `parent`, in dependency order.

    The internal load balancer has subnets of its own. If a load balancer is dual-stack, the subnets
    of both have IPv6 networks, which remain (`keeps_ipv6`).
    docs/decisions/0070-ipv6-networks-of-a-vpc-remain.md
    """
    ipv6 = keeps_ipv6 or any(each.dualstack for each in load_balancers.values())
    builder = _vpc(parent, name, network, ipv6=ipv6)
    flow_log(builder, network.flow_logs, context.cell, log_key_arn)

    internet_route, public, associations = _public_subnets(builder, network)
    nats = nat_gateways(builder, network.nat, internet_route, public, associations)
    private: dict[str, ec2.Subnet] = {}
    tables: dict[str, ec2.RouteTable] = {}
    egress: dict[str, list[pulumi.Resource]] = {}
    for zone in network.zones:
        cidr = zone_subnets(network.cidr, zone).private
        tags = {"kubernetes.io/role/internal-elb": "1"}
        private[zone] = builder.subnet("private", zone, cidr, tags)
        tables[zone] = builder.route_table(f"private-{zone}")
        egress[zone] = [builder.associate("private", zone, private[zone], tables[zone])]
        if network.pods.prefix_delegation and not network.pods.cidr:
            egress[zone].append(builder.reserve_prefixes("private", zone, private[zone], cidr))
        if zone in nats:
            egress[zone].append(_nat_route(builder, zone, tables[zone], nats[zone]))
    pods = _pod_subnets(builder, network, tables, egress)
    public_ids = {
        zone: _id_after(subnet, internet_route, associations[zone])
        for zone, subnet in public.items()
    }
    cidrs_of_zones = all_zone_subnets(network.cidr)
    balancer_subnets: dict[Kind, BalancerSubnets] = {
        "public": BalancerSubnets(ids=public_ids, cidrs=[each.public for each in cidrs_of_zones])
    }
    if "internal" in load_balancers:
        internal = _internal_subnets(builder, network, tables)
        balancer_subnets["internal"] = BalancerSubnets(
            ids=_ids(internal), cidrs=[each.internal for each in cidrs_of_zones]
        )
    s3 = s3_gateway_endpoint(builder, context.region, tables.values())
    cidrs = {"vpc": network.cidr, "pod-network": network.pods.cidr}
    endpoints = interface_endpoints(
        builder,
        context.region,
        network.endpoints,
        private,
        {purpose: cidr for purpose, cidr in cidrs.items() if cidr},
    )
    if not nats:  # endpoints are the only route to AWS
        egress = {zone: [*routes, s3, *endpoints] for zone, routes in egress.items()}
    return VpcOutputs(
        vpc_id=builder.vpc_id,
        private_subnet_ids=_ids(private),
        public_subnet_ids=public_ids,
        balancer_subnets=balancer_subnets,
        control_plane_subnet_ids=_ids(_control_plane_subnets(builder, network)),
        pod_subnet_ids=_ids(pods),
        egress=egress,
        nat_gateways=_by_first_zone(nats),
        control_plane_cidrs=[
            zone_subnets(network.cidr, zone).control_plane for zone in network.control_plane_zones
        ],
    )


def _vpc(parent: pulumi.Resource, name: str, network: Network, *, ipv6: bool) -> VpcBuilder:
    """Creates the VPC, and removes all rules from its default security group."""
    vpc = ec2.Vpc(
        f"{name}-vpc",
        ec2.VpcArgs(
            cidr_block=network.cidr,
            assign_generated_ipv6_cidr_block=True if ipv6 else None,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    ipv6_block = vpc.ipv6_cidr_block if ipv6 else None
    builder = VpcBuilder(parent=parent, name=name, vpc_id=vpc.id, ipv6_block=ipv6_block)
    # A resource without a security group gets the default one, which allows no traffic.
    ec2.DefaultSecurityGroup(
        f"{name}-default",
        ec2.DefaultSecurityGroupArgs(vpc_id=vpc.id, tags={"Name": f"{name}-default"}),
        opts=builder.child(),
    )
    return builder


def _public_subnets(
    builder: VpcBuilder, network: Network
) -> tuple[ec2.Route, _Subnets, Mapping[str, ec2.RouteTableAssociation]]:
    """Creates public subnets; returns the route to the internet, the subnets, and the
    associations of the subnets with the route's table."""
    gateway = ec2.InternetGateway(
        f"{builder.name}-internet",
        ec2.InternetGatewayArgs(vpc_id=builder.vpc_id, tags={"Name": builder.name}),
        opts=builder.child(),
    )
    table = builder.route_table("public")
    route = ec2.Route(
        f"{builder.name}-public-internet",
        ec2.RouteArgs(
            route_table_id=table.id, destination_cidr_block=ANYWHERE, gateway_id=gateway.id
        ),
        opts=builder.child(),
    )
    if builder.ipv6_block:
        route = ec2.Route(
            f"{builder.name}-public-internet-ipv6",
            ec2.RouteArgs(
                route_table_id=table.id,
                destination_ipv6_cidr_block="::/0",
                gateway_id=gateway.id,
            ),
            opts=builder.child(route),
        )
    subnets: dict[str, ec2.Subnet] = {}
    associations: dict[str, ec2.RouteTableAssociation] = {}
    for zone in network.zones:
        cidr = zone_subnets(network.cidr, zone).public
        subnets[zone] = builder.subnet(
            "public",
            zone,
            cidr,
            {"kubernetes.io/role/elb": "1"},
            balancer="public",
        )
        associations[zone] = builder.associate("public", zone, subnets[zone], table)
    return route, subnets, associations


def _nat_route(
    builder: VpcBuilder, zone: str, table: ec2.RouteTable, nat: ec2.NatGateway
) -> pulumi.Resource:
    return ec2.Route(
        f"{builder.name}-private-{zone}-egress",
        ec2.RouteArgs(
            route_table_id=table.id, destination_cidr_block=ANYWHERE, nat_gateway_id=nat.id
        ),
        opts=builder.child(),
    )


def _pod_subnets(
    builder: VpcBuilder,
    network: Network,
    tables: Mapping[str, ec2.RouteTable],
    egress: Mapping[str, list[pulumi.Resource]],
) -> _Subnets:
    """Creates the subnets of `network.pods.cidr`, which use the routes of the private subnets.

    Appends the association and the reservation of each subnet to the `egress` of its zone.
    """
    cidr = network.pods.cidr
    if cidr is None:
        return {}
    cidr_association = ec2.VpcIpv4CidrBlockAssociation(
        f"{builder.name}-pods",
        ec2.VpcIpv4CidrBlockAssociationArgs(vpc_id=builder.vpc_id, cidr_block=cidr),
        opts=builder.child(),
    )
    cidrs = {zone: pod_subnet(cidr, zone) for zone in network.zones}
    subnets = {
        zone: builder.subnet("pods", zone, pods, None, cidr_association)
        for zone, pods in cidrs.items()
    }
    for zone, subnet in subnets.items():
        egress[zone].append(builder.associate("pods", zone, subnet, tables[zone]))
        if network.pods.prefix_delegation:
            egress[zone].append(builder.reserve_prefixes("pods", zone, subnet, cidrs[zone]))
    return subnets


def _internal_subnets(
    builder: VpcBuilder, network: Network, tables: Mapping[str, ec2.RouteTable]
) -> _Subnets:
    """Creates the subnets of the internal load balancer, which use the routes of the private
    subnets, so that a route to a connected network serves both.

    Pods have other subnets: the network policies of exposed apps admit the subnets of the load
    balancer.
    """
    subnets = {
        zone: builder.subnet(
            "internal", zone, zone_subnets(network.cidr, zone).internal, balancer="internal"
        )
        for zone in network.zones
    }
    for zone, subnet in subnets.items():
        builder.associate("internal", zone, subnet, tables[zone])
    return subnets


def _control_plane_subnets(builder: VpcBuilder, network: Network) -> _Subnets:
    """Creates the subnets of the control plane's network interfaces, without egress."""
    subnets = {
        zone: builder.subnet("control-plane", zone, zone_subnets(network.cidr, zone).control_plane)
        for zone in network.control_plane_zones
    }
    table = builder.route_table("control-plane")
    for zone, subnet in subnets.items():
        builder.associate("control-plane", zone, subnet, table)
    return subnets


def _ids(subnets: _Subnets) -> Ids:
    return {zone: subnet.id for zone, subnet in subnets.items()}


def _id_after(subnet: ec2.Subnet, *routes: pulumi.CustomResource) -> pulumi.Output[str]:
    """Returns the id of a subnet as an output that depends on the subnet's routes."""
    return pulumi.Output.all(subnet.id, *(each.id for each in routes)).apply(lambda ids: ids[0])


def _by_first_zone(nats: Mapping[str, ec2.NatGateway]) -> Ids:
    """Returns the id of each NAT gateway, by the first zone that routes to the gateway."""
    first_zones = {nat: zone for zone, nat in reversed([*nats.items()])}
    return {zone: nat.id for nat, zone in first_zones.items()}
