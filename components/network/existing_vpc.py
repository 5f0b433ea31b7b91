"""Uses an existing VPC, after a check of the zone and VPC of each subnet."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import ec2

from components.network.vpc import BalancerSubnets, Ids, VpcOutputs
from core.load_balancers import Kind
from settings import Problem, refusal
from settings.load_balancing.load_balancing import BalancerSettings
from settings.network.network import Existing, Network
from settings.stack import NAMESPACE

_KEY = f"{NAMESPACE}:network.existing"


def look_up_vpc(
    parent: pulumi.Resource,
    network: Network,
    existing: Existing,
    load_balancers: Mapping[Kind, BalancerSettings],
) -> VpcOutputs:
    """Returns the subnets of an existing VPC, in the order of the zones.

    Pulumi sorts the keys of a mapping, but node groups are updated in the order of `network.zones`.
    Raises SettingsError with every subnet that is in another zone or VPC, or does not exist.
    """
    options = pulumi.InvokeOptions(parent=parent)
    dualstack = {f"{kind}Subnets" for kind, each in load_balancers.items() if each.dualstack}
    problems: list[Problem] = []
    cidrs: dict[str, list[str]] = {}
    for key, subnets in (
        ("privateSubnets", existing.private_subnets),
        ("publicSubnets", existing.public_subnets),
        ("internalSubnets", existing.internal_subnets),
        ("controlPlaneSubnets", existing.control_plane_subnets),
    ):
        cidrs[key] = []
        for zone, id_ in sorted(subnets.items()):
            found = _subnet(f"{_KEY}.{key}.{zone}", id_, zone, existing.vpc_id, options)
            if isinstance(found, Problem):
                problems.append(found)
            else:
                cidrs[key].append(found.cidr_block)
                if key in dualstack and not found.ipv6_cidr_block:
                    problems.append(_without_ipv6(f"{_KEY}.{key}.{zone}", id_))
    if problems:
        raise refusal(problems)
    of_balancers: dict[Kind, Mapping[str, str]] = {
        "public": existing.public_subnets,
        "internal": existing.internal_subnets,
    }
    return VpcOutputs(
        vpc_id=pulumi.Output.from_input(existing.vpc_id),
        private_subnet_ids=_by_zone(existing.private_subnets, network.zones),
        public_subnet_ids=_by_zone(
            existing.public_subnets, [zone for zone in network.zones if existing.public_subnets]
        ),
        balancer_subnets={
            kind: BalancerSubnets(
                ids=_by_zone(subnets, network.zones), cidrs=cidrs[f"{kind}Subnets"]
            )
            for kind, subnets in of_balancers.items()
            if subnets
        },
        control_plane_subnet_ids=_by_zone(
            existing.control_plane_subnets, network.control_plane_zones
        ),
        egress={zone: [] for zone in network.zones},
        control_plane_cidrs=cidrs["controlPlaneSubnets"],
    )


def _subnet(
    key: str, id_: str, zone: str, vpc_id: str, options: pulumi.InvokeOptions
) -> ec2.GetSubnetResult | Problem:
    """Returns the subnet of an ID, or the problem with it."""
    try:
        found = ec2.get_subnet(id=id_, opts=options)
    except Exception as error:  # the SDK raises nothing narrower
        reason = (str(error).splitlines() or ["no reason given"])[0]
        message = f"AWS returns no subnet {id_}: {reason}; write a subnet in {zone} of {vpc_id}"
        return Problem(key=key, message=message)
    if (found.availability_zone, found.vpc_id) == (zone, vpc_id):
        return found
    message = (
        f"{id_} is in {found.availability_zone} of {found.vpc_id}; write a subnet in {zone} of "
        f"{vpc_id}"
    )
    return Problem(key=key, message=message)


def _without_ipv6(key: str, id_: str) -> Problem:
    return Problem(
        key=key,
        message=f"{id_} has no IPv6 network, which loadBalancing.ipAddressType: dualstack needs; "
        "add one with aws ec2 associate-subnet-cidr-block, and a route for ::/0, or remove "
        "ipAddressType",
    )


def _by_zone(ids: Mapping[str, str], zones: Sequence[str]) -> Ids:
    return {zone: pulumi.Output.from_input(ids[zone]) for zone in zones}
