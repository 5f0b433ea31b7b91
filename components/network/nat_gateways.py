"""NAT gateways, by which private subnets reach the internet."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2

from components.network.vpc import VpcBuilder
from settings.network.network import Nat


def nat_gateways(
    builder: VpcBuilder,
    nat: Nat,
    internet_route: pulumi.Resource,
    public_subnets: Mapping[str, ec2.Subnet],
    associations: Mapping[str, pulumi.Resource],
) -> Mapping[str, ec2.NatGateway]:
    """Creates NAT gateways; returns the gateway of each zone; none for `nat: none`.

    A NAT gateway works once its public subnet is associated with the route to the internet:
    `internet_route`, and `associations` by zone.
    """
    zones = list(public_subnets)
    if nat == "none":
        return {}
    if nat == "regional":
        # Without addresses per zone, AWS extends the gateway to the zones that have nodes.
        gateway = ec2.NatGateway(
            f"{builder.name}-nat",
            ec2.NatGatewayArgs(
                availability_mode="regional",
                vpc_id=builder.vpc_id,
                tags={"Name": f"{builder.name}-nat"},
            ),
            opts=builder.child(internet_route),
        )
        return dict.fromkeys(zones, gateway)
    with_nat = zones if nat == "perZone" else zones[:1]
    gateways = {
        zone: _zonal_gateway(
            builder, zone, public_subnets[zone], internet_route, associations[zone]
        )
        for zone in with_nat
    }
    return {zone: gateways.get(zone, gateways[with_nat[0]]) for zone in zones}


def _zonal_gateway(
    builder: VpcBuilder, zone: str, subnet: ec2.Subnet, *depends_on: pulumi.Resource
) -> ec2.NatGateway:
    full_name = f"{builder.name}-nat-{zone}"
    address = ec2.Eip(
        full_name,
        ec2.EipArgs(domain="vpc", tags={"Name": full_name}),
        opts=builder.child(),
    )
    return ec2.NatGateway(
        full_name,
        ec2.NatGatewayArgs(allocation_id=address.id, subnet_id=subnet.id, tags={"Name": full_name}),
        opts=builder.child(*depends_on),
    )
