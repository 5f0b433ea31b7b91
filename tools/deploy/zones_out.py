"""Finds zones that are out of service in AWS, although the stack file does not say so."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from core.tags import CELL
from settings import Problem, Settings
from settings.stack import NAMESPACE
from tools.deploy.aws_cli import Ask, AwsError, why


def zone_out_problems(
    ask: Ask, cell: str, settings: Settings, warn: Callable[[str], None]
) -> Iterator[Problem]:
    """Yields a problem for each zone that an `up` would return to service by mistake.

    Warns if the Auto Scaling groups of the cell cannot be read. A cell whose pools all span zones
    has the same sizes with and without a zone that is out.
    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
    """
    network = settings.network
    try:
        groups = ask(
            "autoscaling", "describe-auto-scaling-groups", "--filters",
            f"Name=tag:{CELL},Values={cell}",
        )["AutoScalingGroups"]  # fmt: skip
        minima = _minima(groups)
    except (AwsError, LookupError, TypeError) as error:
        warn(
            f"{cell}: the sizes of its node groups cannot be read, so that a zone that is out is "
            f"not recognized: {why(error)}"
        )
        return
    for zone in network.zones_in:
        if minima.get(zone) == 0 and any(minima.values()):
            message = (
                f"AWS has {zone} out of service, and this up would return it; pull the commit that "
                f"took it out, or write [{', '.join([*network.zones_out, zone])}]; when the zone "
                f"may serve again, run make zone-in STACK={cell} ZONE={zone}"
            )
            yield Problem(key=f"{NAMESPACE}:network.zonesOut", message=message)


def _minima(groups: Any) -> Counter[str]:  # Any: JSON of any shape
    """Returns the minimum number of nodes of each zone, without groups that span zones.

    It is the same in all zones, except in zones that are out: there it is 0.
    """
    minima: Counter[str] = Counter()
    for group in groups:
        if len(group["AvailabilityZones"]) == 1:
            minima[group["AvailabilityZones"][0]] += group["MinSize"]
    return minima
