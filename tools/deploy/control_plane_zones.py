"""Finds control-plane zones that EKS refuses, whose names differ between accounts."""

from collections.abc import Callable, Iterator

from core.facts.regions import NO_CONTROL_PLANE
from settings import Problem, Settings
from settings.stack import NAMESPACE
from tools.deploy.aws_cli import Ask, AwsError, why


def control_plane_problems(
    ask: Ask, settings: Settings, warn: Callable[[str], None]
) -> Iterator[Problem]:
    """Yields a problem if EKS refuses a control-plane zone of the stack file.

    Warns if the name of that zone in the account cannot be read.
    https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
    """
    zone_id = NO_CONTROL_PLANE.get(settings.aws.region)
    if zone_id is None:
        return
    try:
        answer = ask("ec2", "describe-availability-zones", "--zone-ids", zone_id)
        name = str(answer["AvailabilityZones"][0]["ZoneName"])
    except (AwsError, LookupError, TypeError) as error:
        warn(
            f"the name of the zone {zone_id}, which EKS refuses for control planes, cannot be "
            f"read: {why(error)}"
        )
        return
    for index, zone in enumerate(settings.network.control_plane_zones):
        if zone == name:
            yield Problem(
                key=f"{NAMESPACE}:network.controlPlaneZones[{index}]",
                message=f"EKS refuses {zone}, which is {zone_id} in this account; write another "
                "zone",
                value=zone,
            )
