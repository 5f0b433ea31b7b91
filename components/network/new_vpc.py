"""A VPC of the cell's own: subnets in every zone, and their ways out."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2

from components.network.endpoints import gateway_endpoint, interface_endpoints
from components.network.flow_logs import flow_log
from components.network.nat_gateways import nat_gateways
from components.network.vpc_parts import ANYWHERE, Places, Site
from core.network.subnets import all_public_subnets, pod_subnet, zone_subnets
from settings.network.network import Network

_Subnets = Mapping[str, ec2.Subnet]


def make(
    parent: pulumi.Resource,
    name: str,
    network: Network,
    region: str,
    cell: str,
    log_key_arn: pulumi.Input[str],
) -> Places:
    """The VPC and all that is in it, as children of `parent`, in dependency order."""
    vpc = ec2.Vpc(
        f"{name}-vpc",
        ec2.VpcArgs(
            cidr_block=network.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    site = Site(parent=parent, name=name, vpc_id=vpc.id)
    # Nobody's, with no rules: what forgets its security group reaches nothing.
    ec2.DefaultSecurityGroup(
        f"{name}-default",
        ec2.DefaultSecurityGroupArgs(vpc_id=vpc.id, tags={"Name": f"{name}-default"}),
        opts=site.child(),
    )
    flow_log(site, network.flow_logs, cell, log_key_arn)

    internet, public, routed = _public(site, network)
    nats = nat_gateways(site, network.nat, internet, public, routed)
    private: dict[str, ec2.Subnet] = {}
    tables: dict[str, ec2.RouteTable] = {}
    egress: dict[str, list[pulumi.Resource]] = {}
    for zone in network.zones:
        cidr = zone_subnets(network.cidr, zone).private
        private[zone] = site.subnet("private", zone, cidr, {"kubernetes.io/role/internal-elb": "1"})
        tables[zone] = site.route_table(f"private-{zone}")
        egress[zone] = [site.associate("private", zone, private[zone], tables[zone])]
        if zone in nats:
            egress[zone].append(_route_out(site, zone, tables[zone], nats[zone]))
    pods = _pods(site, network, tables, egress)
    s3 = gateway_endpoint(site, region, tables.values())
    networks = {"vpc": network.cidr, "pod-network": network.pods.cidr}
    endpoints = interface_endpoints(
        site,
        region,
        network.endpoints,
        private,
        {role: cidr for role, cidr in networks.items() if cidr},
    )
    if not nats:  # then endpoints are the only way to AWS
        egress = {zone: [*before, s3, *endpoints] for zone, before in egress.items()}
    return Places(
        vpc_id=vpc.id,
        private=_ids(private),
        public={zone: _usable(subnet, internet, routed[zone]) for zone, subnet in public.items()},
        control_plane=_ids(_control_plane(site, network)),
        pods=_ids(pods),
        egress=egress,
        nat_gateways=_each_once(nats),
        public_cidrs=all_public_subnets(network.cidr),
        control_plane_cidrs=[
            zone_subnets(network.cidr, zone).control_plane for zone in network.control_plane_zones
        ],
    )


def _public(
    site: Site, network: Network
) -> tuple[ec2.Route, _Subnets, Mapping[str, ec2.RouteTableAssociation]]:
    """The route to the internet, public subnets, and what gives each the route."""
    gateway = ec2.InternetGateway(
        f"{site.name}-internet",
        ec2.InternetGatewayArgs(vpc_id=site.vpc_id, tags={"Name": site.name}),
        opts=site.child(),
    )
    table = site.route_table("public")
    route = ec2.Route(
        f"{site.name}-public-internet",
        ec2.RouteArgs(
            route_table_id=table.id, destination_cidr_block=ANYWHERE, gateway_id=gateway.id
        ),
        opts=site.child(),
    )
    subnets: dict[str, ec2.Subnet] = {}
    routed: dict[str, ec2.RouteTableAssociation] = {}
    for zone in network.zones:
        cidr = zone_subnets(network.cidr, zone).public
        subnets[zone] = site.subnet("public", zone, cidr, {"kubernetes.io/role/elb": "1"})
        routed[zone] = site.associate("public", zone, subnets[zone], table)
    return route, subnets, routed


def _each_once(nats: Mapping[str, ec2.NatGateway]) -> Mapping[str, pulumi.Output[str]]:
    """Ids of NAT gateways, each by the first of the zones whose way out it is."""
    first = {nat: zone for zone, nat in reversed([*nats.items()])}
    return {zone: nat.id for nat, zone in first.items()}


def _route_out(
    site: Site, zone: str, table: ec2.RouteTable, nat: ec2.NatGateway
) -> pulumi.Resource:
    return ec2.Route(
        f"{site.name}-private-{zone}-egress",
        ec2.RouteArgs(
            route_table_id=table.id, destination_cidr_block=ANYWHERE, nat_gateway_id=nat.id
        ),
        opts=site.child(),
    )


def _pods(
    site: Site,
    network: Network,
    tables: Mapping[str, ec2.RouteTable],
    egress: Mapping[str, list[pulumi.Resource]],
) -> _Subnets:
    """Pods' own subnets, with the routes of the zone's nodes; each zone's `egress` gets theirs."""
    cidr = network.pods.cidr
    if cidr is None:
        return {}
    added = ec2.VpcIpv4CidrBlockAssociation(
        f"{site.name}-pods",
        ec2.VpcIpv4CidrBlockAssociationArgs(vpc_id=site.vpc_id, cidr_block=cidr),
        opts=site.child(),
    )
    subnets = {
        zone: site.subnet("pods", zone, pod_subnet(cidr, zone), None, added)
        for zone in network.zones
    }
    for zone, subnet in subnets.items():
        egress[zone].append(site.associate("pods", zone, subnet, tables[zone]))
    return subnets


def _control_plane(site: Site, network: Network) -> _Subnets:
    """Subnets of the control plane's network interfaces, without a way out."""
    subnets = {
        zone: site.subnet("control-plane", zone, zone_subnets(network.cidr, zone).control_plane)
        for zone in network.control_plane_zones
    }
    table = site.route_table("control-plane")
    for zone, subnet in subnets.items():
        site.associate("control-plane", zone, subnet, table)
    return subnets


def _ids(subnets: _Subnets) -> Mapping[str, pulumi.Output[str]]:
    return {zone: subnet.id for zone, subnet in subnets.items()}


def _usable(subnet: ec2.Subnet, *routes: pulumi.CustomResource) -> pulumi.Output[str]:
    """A subnet's id, of which nobody knows before it has its routes."""
    return pulumi.Output.all(subnet.id, *(each.id for each in routes)).apply(lambda ids: ids[0])
