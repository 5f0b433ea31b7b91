"""Sizes of node groups and warm pools."""

import pytest

from core.node_group_size import RunningSize
from tests.components.deploy import Deployed
from tests.components.nodes.deployed_nodes import GROUP, ZONES, groups, nodes, pool


@pytest.mark.parametrize(
    ("size", "desired"),
    [
        ({"min": 2, "max": 8}, 2),
        ({"min": 2, "max": 8, "initial": 5}, 5),
        ({"min": 0, "max": 8, "initial": 0}, 0),
        ({"min": 0, "max": 8}, 0),
    ],
)
def test_a_node_group_starts_with_its_initial_or_minimum_size(
    size: dict[str, int], desired: int
) -> None:
    for group in groups(perZone=size):
        assert group["scalingConfig"] == {
            "minSize": size["min"],
            "maxSize": size["max"],
            "desiredSize": desired,
        }


def sizes(cell: Deployed) -> list[tuple[int, int, int]]:
    """Returns minimum, desired and maximum size of each node group."""
    return [
        (size["minSize"], size["desiredSize"], size["maxSize"])
        for size in (each.inputs["scalingConfig"] for each in cell.of_type(GROUP))
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"min": 2, "max": 8}, (3, 3, 8)),
        ({"min": 2, "max": 8, "initial": 2}, (3, 3, 8)),
        ({"min": 2, "max": 8, "initial": 5}, (3, 5, 8)),
        ({"min": 0, "max": 8}, (0, 0, 8)),
    ],
)
def test_the_minimum_of_a_zone_that_is_out_moves_to_the_other_zones(
    changes: dict[str, int], expected: tuple[int, int, int]
) -> None:
    cell = nodes(zones_in=ZONES[:2], general=pool(perZone=changes))
    assert sizes(cell) == [expected, expected, (0, 0, 8)]


def test_a_single_zone_has_the_minimum_of_all_zones() -> None:
    cell = nodes(zones_in=ZONES[1:2], general=pool())
    assert sizes(cell) == [(0, 0, 8), (6, 6, 8), (0, 0, 8)]


def test_a_spanning_node_group_keeps_its_size_when_a_zone_is_out() -> None:
    cell = nodes(zones_in=ZONES[:2], general=pool(layout="spanning"))
    assert sizes(cell) == [(6, 6, 24)]


@pytest.mark.parametrize(
    ("limits", "now", "sent"),
    [
        ((2, 8), 7, 4), ((0, 8), 0, 2), ((0, 8), 7, 7), ((2, 6), 6, 6), ((2, 12), 7, 7),
        ((2, 12), 12, 8),
    ],
)  # fmt: skip
def test_new_limits_are_sent_with_the_nearest_size_that_they_allow(
    limits: tuple[int, int], now: int, sent: int
) -> None:
    """With unchanged limits, Pulumi ignores the desired size: the initial size, here 4, is sent."""
    size = {"min": 2, "max": 8, "initial": 4}
    running = dict.fromkeys((("general", zone) for zone in ZONES), running_size(*limits, now))
    assert sizes(nodes(running=running, general=pool(perZone=size))) == [(2, sent, 8)] * 3


def running_size(minimum: int, maximum: int, desired: int) -> RunningSize:
    return RunningSize(min=minimum, desired=desired, max=maximum)


def test_each_node_group_uses_its_own_current_size() -> None:
    running = {
        ("general", ZONES[0]): running_size(0, 8, 1),
        ("batch", ZONES[1]): running_size(0, 8, 1),
        ("general", ZONES[2]): running_size(2, 8, 6),
    }
    cell = nodes(running=running, general=pool(perZone={"min": 2, "max": 8, "initial": 3}))
    assert sizes(cell) == [(2, 2, 8), (2, 3, 8), (2, 3, 8)]


def test_there_is_no_warm_pool_by_default() -> None:
    for group in groups():
        assert "warmPoolConfig" not in group


@pytest.mark.parametrize(
    ("layout", "changes", "config"),
    [
        (
            "perZone",
            {},
            {"minSize": 0, "maxGroupPreparedCapacity": -1, "poolState": "STOPPED"},
        ),
        (
            "perZone",
            {"min": 1, "maxPrepared": 4, "state": "RUNNING"},
            {"minSize": 1, "maxGroupPreparedCapacity": 4, "poolState": "RUNNING"},
        ),
        (
            "spanning",
            {"min": 1, "maxPrepared": 4},
            {"minSize": 3, "maxGroupPreparedCapacity": 12, "poolState": "STOPPED"},
        ),
    ],
)
def test_a_warm_pool_has_its_size_in_each_zone(
    layout: str, changes: dict[str, object], config: dict[str, object]
) -> None:
    cell = nodes(general=pool(layout=layout, warmPool=changes))
    for group in cell.of_type(GROUP):
        assert group.inputs["warmPoolConfig"] == {**config, "reuseOnScaleIn": False}


def test_a_warm_pool_can_reuse_instances_on_scale_in() -> None:
    for group in groups(warmPool={"reuseOnScaleIn": True}):
        assert group["warmPoolConfig"]["reuseOnScaleIn"] is True
