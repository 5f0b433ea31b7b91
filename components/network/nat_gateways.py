"""NAT gateways: the ways out of private subnets."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2

from components.network.vpc_parts import Site
from settings.network.network import Nat


def nat_gateways(
    site: Site,
    nat: Nat,
    internet: pulumi.Resource,
    public: Mapping[str, ec2.Subnet],
    routed: Mapping[str, pulumi.Resource],
) -> Mapping[str, ec2.NatGateway]:
    """The NAT gateway that each zone goes out by; none for none.

    `internet` is the public subnets' route; `public` are these, each with what gives it the route.
    """
    zones = list(public)
    if nat == "none":
        return {}
    if nat == "regional":
        # Without addresses by zone, it follows the nodes into their zones.
        gateway = ec2.NatGateway(
            f"{site.name}-nat",
            ec2.NatGatewayArgs(
                availability_mode="regional",
                vpc_id=site.vpc_id,
                tags={"Name": f"{site.name}-nat"},
            ),
            opts=site.child(internet),
        )
        return dict.fromkeys(zones, gateway)
    with_nat = zones if nat == "perZone" else zones[:1]
    gateways = {
        zone: _in_zone(site, zone, public[zone], internet, routed[zone]) for zone in with_nat
    }
    return {zone: gateways.get(zone, gateways[with_nat[0]]) for zone in zones}


def _in_zone(site: Site, zone: str, subnet: ec2.Subnet, *after: pulumi.Resource) -> ec2.NatGateway:
    full_name = f"{site.name}-nat-{zone}"
    address = ec2.Eip(
        full_name,
        ec2.EipArgs(domain="vpc", tags={"Name": full_name}),
        opts=site.child(),
    )
    return ec2.NatGateway(
        full_name,
        ec2.NatGatewayArgs(allocation_id=address.id, subnet_id=subnet.id, tags={"Name": full_name}),
        opts=site.child(*after),
    )
