"""Zones without stock: Auto Scaling groups of moto that cannot launch instances there.

moto always launches, and reports no scaling activities.
"""

from collections import Counter
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from unittest.mock import patch

from moto.autoscaling.models import Activity, FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

_NO_STOCK = (
    "We currently do not have sufficient capacity in the Availability Zone you requested. "
    "Launching EC2 instance failed."
)
"""https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-capacity.html"""


class _FailedLaunch(Activity):
    """A scaling activity of a group that could not launch an instance."""

    def __init__(self, group: FakeAutoScalingGroup) -> None:
        super().__init__("Launching a new EC2 instance", "", group, status_code="Failed")
        self.status_message = _NO_STOCK


@contextmanager
def limited_stock(out_of_stock: Collection[str], subnets: Mapping[str, str]) -> Generator[None]:
    """Makes Auto Scaling groups of moto launch no instances in zones while the block runs.

    `out_of_stock` can change meanwhile. `subnets` are the subnets by zone. A group over several
    zones launches each instance in the zone with the fewest instances that has stock. A launch that
    fails is a scaling activity of the group with the status Failed, as in AWS.
    """
    launch_in_first_subnet = FakeAutoScalingGroup.replace_autoscaling_group_instances
    failures: list[_FailedLaunch] = []
    """The newest first."""

    def launch(group: FakeAutoScalingGroup, count: int, tags: dict[str, str]) -> None:
        for _ in range(count):
            used = Counter(each.availability_zone for each in group.instance_states)
            with_stock = [zone for zone in group.availability_zones if zone not in out_of_stock]
            if not with_stock:
                failures.insert(0, _FailedLaunch(group))
                return
            zone = min(with_stock, key=lambda each: (used[each], each))
            every = group.vpc_zone_identifier
            group.vpc_zone_identifier = subnets[zone]
            launch_in_first_subnet(group, 1, tags)
            group.vpc_zone_identifier = every

    def activities(response: AutoScalingResponse) -> ActionResult:
        name = response._get_param("AutoScalingGroupName")  # pyright: ignore[reportPrivateUsage]  # moto has no public name
        found = [each for each in failures if name in (None, each.auto_scaling_group_name)]
        return ActionResult({"Activities": found})

    with (
        patch.object(FakeAutoScalingGroup, "replace_autoscaling_group_instances", launch),
        patch.object(AutoScalingResponse, "describe_scaling_activities", activities),
    ):
        yield
