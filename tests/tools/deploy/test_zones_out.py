"""An `up` does not return a zone to service that another operator has taken out."""

from typing import Any

import pytest

from settings import Problem
from tests.live.cells import settings_of
from tools.deploy.aws_cli import AwsError
from tools.deploy.zones_out import zone_out_problems

A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"


def problem(zone: str, value: str) -> Problem:
    return Problem(
        key="ha-eks:network.zonesOut",
        message=f"AWS has {zone} out of service, and this up would return it; pull the commit that "
        f"took it out, or write {value}; when the zone may serve again, run make zone-in "
        f"STACK=prod ZONE={zone}",
    )


def group(minimum: int, *zones: str) -> dict[str, Any]:
    return {"AutoScalingGroupName": "eks-nodes", "AvailabilityZones": zones, "MinSize": minimum}


def problems(*groups: dict[str, Any], zones_out: tuple[str, ...] = ()) -> list[Problem]:
    def ask(*arguments: str) -> Any:
        assert arguments == (
            "autoscaling", "describe-auto-scaling-groups", "--filters",
            "Name=tag:ha-eks:cell,Values=prod",
        )  # fmt: skip
        return {"AutoScalingGroups": groups}

    def warn(text: str) -> None:
        raise AssertionError(text)

    changes = ((("ha-eks:network", "zonesOut"), [*zones_out]),) if zones_out else ()
    return [*zone_out_problems(ask, "prod", settings_of(*changes), warn)]


def test_a_zone_that_is_out_is_not_returned_by_an_up_whose_file_has_it_in() -> None:
    assert problems(group(3, A), group(0, B), group(3, C)) == [problem(B, f"[{B}]")]


def test_another_zone_that_is_out_is_added_to_the_list() -> None:
    groups = group(9, A), group(0, B), group(0, C)
    assert problems(*groups, zones_out=(C,)) == [problem(B, f"[{C}, {B}]")]


@pytest.mark.parametrize(
    "groups",
    [
        (),
        (group(2, A), group(2, B), group(2, C)),
        (group(2, A), group(2, B)),
        (group(2, A), group(0, A), group(0, B), group(2, B), group(2, C), group(0, C)),
        (group(0, A), group(0, B), group(0, C), group(6, A, B, C)),
        (group(3, A), group(3, B), group(0, "us-east-1f")),
    ],
    ids=["new cell", "all in", "new zone", "pool without minimum", "spanning", "removed zone"],
)
def test_a_cell_whose_zones_are_in_service_is_deployed(groups: tuple[dict[str, Any], ...]) -> None:
    assert problems(*groups) == []


def test_a_zone_that_is_out_in_the_file_is_deployed() -> None:
    assert problems(group(3, A), group(3, B), group(0, C), zones_out=(C,)) == []


def test_sizes_that_cannot_be_read_are_a_warning() -> None:
    def ask(*arguments: str) -> Any:
        raise AwsError("AccessDenied")

    warnings: list[str] = []
    assert [*zone_out_problems(ask, "prod", settings_of(), warnings.append)] == []
    assert warnings == [
        "prod: the sizes of its node groups cannot be read, so that a zone that is out is not "
        "recognized: AccessDenied"
    ]
