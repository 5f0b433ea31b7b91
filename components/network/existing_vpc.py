"""A VPC that is there already: taken as it is, once its subnets are where the stack file says."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import ec2

from components.network.vpc_parts import Places
from settings import Problem, SettingsError
from settings.network.network import Existing
from settings.stack import NAMESPACE

_KEY = f"{NAMESPACE}:network.existing"


def adopt(
    parent: pulumi.Resource,
    existing: Existing,
    zones: Sequence[str],
    control_plane_zones: Sequence[str],
    cell: str,
) -> Places:
    """The places of a VPC that somebody else makes, in the order of the zones.

    The engine hands a mapping over with its keys sorted, and nodes are updated in this order.

    Raises SettingsError with every subnet that AWS has in another zone or VPC, or not at all.
    """
    options = pulumi.InvokeOptions(parent=parent)
    problems: list[Problem] = []
    cidrs: dict[str, list[str]] = {}
    for key, subnets in (
        ("privateSubnets", existing.private_subnets),
        ("publicSubnets", existing.public_subnets),
        ("controlPlaneSubnets", existing.control_plane_subnets),
    ):
        cidrs[key] = []
        for zone, id_ in sorted(subnets.items()):
            found = _subnet(f"{_KEY}.{key}.{zone}", id_, zone, existing.vpc_id, options)
            if isinstance(found, Problem):
                problems.append(found)
            else:
                cidrs[key].append(found.cidr_block)
    if problems:
        raise SettingsError(f"Pulumi.{cell}.yaml", problems)
    return Places(
        vpc_id=pulumi.Output.from_input(existing.vpc_id),
        private=_known(existing.private_subnets, zones),
        public=_known(existing.public_subnets, zones),
        control_plane=_known(existing.control_plane_subnets, control_plane_zones),
        egress={zone: [] for zone in zones},
        public_cidrs=cidrs["publicSubnets"],
        control_plane_cidrs=cidrs["controlPlaneSubnets"],
    )


def _subnet(
    key: str, id_: str, zone: str, vpc_id: str, options: pulumi.InvokeOptions
) -> ec2.GetSubnetResult | Problem:
    """The subnet that AWS has by an id, or what is wrong with it."""
    try:
        found = ec2.get_subnet(id=id_, opts=options)
    except Exception as error:  # the SDK raises nothing narrower
        has = f"AWS says: {(str(error).splitlines() or ['nothing'])[0]}"
    else:
        if (found.availability_zone, found.vpc_id) == (zone, vpc_id):
            return found
        has = f"AWS has it in {found.availability_zone}, {found.vpc_id}"
    return Problem(key=key, value=id_, message=f"a subnet of {zone} in {vpc_id} ({has})")


def _known(ids: Mapping[str, str], zones: Sequence[str]) -> Mapping[str, pulumi.Output[str]]:
    return {zone: pulumi.Output.from_input(ids[zone]) for zone in zones}
