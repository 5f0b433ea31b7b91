"""Hosted zones of the records of an internal load balancer."""

import pulumi
import pulumi_aws as aws
from pulumi_aws import route53

from components.cell_context import CellContext
from settings import Problem, refusal
from settings.load_balancing.load_balancer import LoadBalancer
from settings.traffic.traffic import Names


def private_zone(
    parent: pulumi.Resource,
    name: str,
    domain: str,
    context: CellContext,
    vpc_id: pulumi.Input[str],
) -> pulumi.Output[str]:
    """Creates a hosted zone of the domain that only the VPC resolves, and returns its ID.

    Other VPCs that you associate later remain: the program ignores them.
    """
    return route53.Zone(
        name,
        route53.ZoneArgs(
            name=domain,
            comment=f"Private zone of {context.cell}",
            vpcs=[route53.ZoneVpcArgs(vpc_id=vpc_id, vpc_region=context.region)],
        ),
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=["vpcs"]),
    ).id


def refuse_public_zones(parent: pulumi.Resource, names: Names, balancer: LoadBalancer) -> None:
    """Raises SettingsError if a hosted zone of an internal load balancer is public."""
    problems: list[Problem] = []
    for zone_id in sorted(names.zone_ids(balancer.hosts)):
        found = aws.route53.get_zone(zone_id=zone_id, opts=pulumi.InvokeOptions(parent=parent))
        if not found.private_zone:
            message = (
                f"hosted zone {zone_id} is public, and Route 53 would show private addresses to "
                "all clients on the internet, which cannot connect to them; write the ID of a "
                "private hosted zone in hostedZoneId or zones, or remove hostedZoneId: the program "
                "then creates a private hosted zone of the domain for the VPC of the cell"
            )
            problems.append(Problem(key=balancer.names_key, message=message))
    if problems:
        raise refusal(problems)
