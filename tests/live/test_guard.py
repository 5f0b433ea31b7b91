"""What a plain `up` may not do to a running cell, and what people are told to do instead."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.tags import SPANNING
from live.cell import Live, shape_of
from live.guard import (
    control_plane_problems,
    nodes_now,
    pool_problems,
    subnet_problems,
    version_problems,
)
from settings import Problem
from tests.live.cells import SHAPE, ZONES, group, live, settings_of
from tests.settings.stack_files import CLUSTER, NETWORK, POOLS, Change, pool

A, B, C = ZONES
GENERAL = (POOLS, "general")
VERSION = (CLUSTER, "version")
COMMAND = "make replace-nodes STACK=prod POOL=general"
TYPES: Change = ((*GENERAL, "instanceTypes"), ["m7i.large", "m6i.large"])
OTHER: Change = ((*GENERAL, "amiType"), "BOTTLEROCKET_x86_64")
BOTTLEROCKET = replace(SHAPE, ami_type="BOTTLEROCKET_x86_64")
SPOT = replace(SHAPE, capacity_type="SPOT")
BESIDE: Change = ((POOLS, "steady"), pool(12))
"""On-demand nodes, without which apps on spot nodes are refused."""
MIXED = replace(SHAPE, instance_types=("m7i.large", "m6i.large"))
ALL: Change = ((*GENERAL, "layout"), "spanning")


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program of prod runs."""
    monkeypatch.setattr("pulumi.get_stack", lambda: "prod")


def told(problems: Iterator[Problem]) -> list[tuple[str, object]]:
    """Keys and values, as people wrote them."""
    return [(each.key, each.value) for each in problems]


def versions(wanted: str, cell: Live) -> list[Problem]:
    problems = list(version_problems(settings_of((VERSION, wanted)), cell))
    assert {(each.key, each.value) for each in problems} <= {("ha-eks:cluster.version", wanted)}
    return problems


def pools(cell: Live, *changes: Change) -> list[Problem]:
    return list(pool_problems(settings_of(*changes), cell, "prod"))


def test_a_cell_that_is_as_its_file_says_has_no_problems() -> None:
    settings = settings_of()
    assert list(version_problems(settings, live())) == []
    assert list(control_plane_problems(settings, live())) == []
    assert list(pool_problems(settings, live(), "prod")) == []


@pytest.mark.parametrize(("wanted", "now"), [("1.34", "1.34"), ("1.35", "1.34"), ("1.36", "1.35")])
def test_the_minor_that_is_there_and_the_next_are_taken(wanted: str, now: str) -> None:
    cell = live(*(group(zone, version=now) for zone in ZONES), version=now)
    assert versions(wanted, cell) == []


@pytest.mark.parametrize(("wanted", "now"), [("1.35", "1.36"), ("1.34", "1.36"), ("1.36", "1.100")])
def test_a_control_plane_does_not_go_back(wanted: str, now: str) -> None:
    [problem] = versions(wanted, live(version=now))
    assert problem.message.startswith(f"{now} or later")
    assert "docs/upgrade.md" in problem.message


@pytest.mark.parametrize(
    ("wanted", "now", "next_"), [("1.36", "1.34", "1.35"), ("1.35", "1.9", "1.10")]
)
def test_a_control_plane_goes_on_one_minor_at_a_time(wanted: str, now: str, next_: str) -> None:
    old = [group(zone, version=now) for zone in ZONES]
    [problem] = versions(wanted, live(*old, version=now))
    assert problem.message.startswith(f"{next_}: ")
    assert f"has {now}" in problem.message


def test_a_control_plane_waits_for_the_nodes_of_the_last_upgrade() -> None:
    late = [group(B, version="1.34", name="late"), group(C, version="1.34", name="later")]
    [problem] = versions("1.36", live(group(A, version="1.35"), *late, version="1.35"))
    assert problem.message.startswith("1.35, until all nodes have it: those of late have 1.34")
    assert "set 1.35, make up STACK=prod, then upgrade" in problem.message


def test_nodes_that_are_behind_may_follow() -> None:
    behind = live(*(group(zone, version="1.35") for zone in ZONES), version="1.36")
    assert versions("1.36", behind) == [], "nodes could never follow their control plane"


def test_a_cell_without_nodes_is_upgraded() -> None:
    assert versions("1.36", Live(version="1.35", control_plane_zones=frozenset(ZONES),
                                 node_groups=())) == []  # fmt: skip


@pytest.mark.parametrize("zones", [(A, B), (A, B, "us-east-1d"), (A, B, C, "us-east-1d")])
def test_the_control_plane_stays_in_the_zones_of_its_creation(zones: tuple[str, ...]) -> None:
    [problem] = control_plane_problems(settings_of(), live(zones=zones))
    assert problem.key == "ha-eks:network.controlPlaneZones"
    assert problem.value == [A, B, C]
    assert problem.message.startswith(f"[{', '.join(zones)}], ")


def test_the_order_of_the_control_plane_s_zones_does_not_matter() -> None:
    turned = settings_of(((NETWORK, "controlPlaneZones"), [C, A, B]))
    assert list(control_plane_problems(turned, live())) == []


def theirs(**private: str) -> Change:
    """The network of prod in a VPC that is there: private subnets as the cells have them, or so."""
    own = {zone: f"subnet-{zone[-1] * 8}" for zone in ZONES}
    public = {zone: f"subnet-{i}0000000" for i, zone in enumerate(ZONES)}
    existing = {
        "vpcId": "vpc-01234567",
        "privateSubnets": own | {f"us-east-1{letter}": id_ for letter, id_ in private.items()},
        "publicSubnets": public,
        "controlPlaneSubnets": public,
    }
    return (NETWORK,), {
        "zones": [*ZONES],
        "controlPlaneZones": [*ZONES],
        "existing": existing,
    }


def test_nodes_in_the_subnets_of_the_file_are_taken_as_they_are() -> None:
    assert list(subnet_problems(settings_of(theirs()), live())) == []
    assert list(subnet_problems(settings_of(theirs(), ALL), spanning(*ZONES))) == []


def test_nodes_do_not_move_to_another_subnet_of_their_zone() -> None:
    extra = group(B, pool="extra", name="extra-b")
    wanted = settings_of(theirs(b="subnet-eeeeeeee"), ((POOLS, "extra"), pool(4)))
    [problem] = subnet_problems(wanted, live(group(A), group(B), group(C), extra))
    assert problem.key == f"ha-eks:network.existing.privateSubnets.{B}"
    assert problem.value == "subnet-eeeeeeee"
    assert problem.message.startswith(f"subnet-bbbbbbbb, where the nodes of {group(B).name} are: ")
    assert "bring another zone, or another pool in place of general" in problem.message
    assert "\n" not in str(problem)


def test_every_zone_whose_subnet_is_another_is_told() -> None:
    moved = settings_of(theirs(a="subnet-eeeeeeee", c="subnet-ffffffff"))
    assert told(subnet_problems(moved, live())) == [
        (f"ha-eks:network.existing.privateSubnets.{A}", "subnet-eeeeeeee"),
        (f"ha-eks:network.existing.privateSubnets.{C}", "subnet-ffffffff"),
    ]


def test_a_group_over_all_zones_stays_in_its_subnets_too() -> None:
    moved = settings_of(theirs(c="subnet-ffffffff"), ALL)
    [problem] = subnet_problems(moved, spanning(*ZONES))
    assert problem.key.endswith(f".{C}")
    assert problem.message.startswith("subnet-aaaaaaaa or subnet-bbbbbbbb or subnet-cccccccc, ")


def test_nodes_that_go_hold_no_subnet() -> None:
    moved = settings_of(theirs(b="subnet-eeeeeeee"))
    rest = [group(A), group(C)]
    assert list(subnet_problems(moved, live(*rest, group(B, pool="gone", name="gone")))) == []
    assert list(subnet_problems(moved, live(*rest, group(B, status="DELETING")))) == []
    other_zone = group("us-east-1d")
    assert list(subnet_problems(settings_of(theirs()), live(*rest, other_zone))) == []


def test_subnets_of_the_cell_s_own_are_nobody_else_s_to_change() -> None:
    assert list(subnet_problems(settings_of(), live())) == []


@pytest.mark.parametrize(
    ("field", "value", "now"),
    [
        ("amiType", "BOTTLEROCKET_x86_64", "AL2023_x86_64_STANDARD"),
        ("capacityType", "SPOT", "ON_DEMAND"),
        ("instanceTypes", ["m6i.large", "m7i.large"], "m7i.large, m6i.large"),
    ],
)
def test_what_a_node_group_keeps_for_its_life_is_refused_with_the_command_that_replaces(
    field: str, value: object, now: str
) -> None:
    cell = live(*(group(zone, shape=MIXED) for zone in ZONES))
    [problem] = pools(cell, TYPES, BESIDE, ((*GENERAL, field), value))
    shown = ", ".join(value) if isinstance(value, list) else value
    assert (problem.key, problem.value) == (f"ha-eks:pools.general.{field}", shown)
    assert problem.message.startswith(f"{now}, as the nodes of {group(A).name} are: ")
    assert f"cannot change in place; {COMMAND} " in problem.message
    assert "docs/replace-nodes.md" in problem.message
    assert "\n" not in str(problem)


def test_one_type_does_not_become_several_in_place_nor_several_one() -> None:
    mixed = live(*(group(zone, shape=MIXED) for zone in ZONES))
    assert pools(mixed, TYPES) == []
    for cell, changes, new, old in (
        (live(), [TYPES], "m7i.large, m6i.large", "one type"),
        (mixed, [], "one type", "m7i.large, m6i.large"),
    ):
        [problem] = pools(cell, *changes)
        assert (problem.key, problem.value) == ("ha-eks:pools.general.instanceTypes", new)
        assert problem.message.startswith(f"{old}, as the nodes of {group(A).name} are: ")


@pytest.mark.parametrize("type_", ["m7i.xlarge", "m6i.large"])
def test_one_type_for_another_is_taken_for_it_rolls_in_place(type_: str) -> None:
    assert pools(live(), ((*GENERAL, "instanceTypes"), [type_])) == []


def test_all_that_changes_is_told_at_once_and_each_once() -> None:
    problems = pools(
        live(),
        OTHER,
        TYPES,
        BESIDE,
        ((*GENERAL, "capacityType"), "SPOT"),
    )
    assert told(iter(problems)) == [
        ("ha-eks:pools.general.amiType", "BOTTLEROCKET_x86_64"),
        ("ha-eks:pools.general.capacityType", "SPOT"),
        ("ha-eks:pools.general.instanceTypes", "m7i.large, m6i.large"),
    ]


def test_a_zone_that_is_not_replaced_yet_is_found_behind_one_that_is() -> None:
    [problem] = pools(live(group(A, shape=BOTTLEROCKET), group(B), group(C)), OTHER)
    assert f"as the nodes of {group(B).name} are" in problem.message


def test_pools_are_told_of_each_by_itself() -> None:
    extra = [group(zone, pool="extra", name=f"extra-{zone}") for zone in ZONES]
    cell = live(*(group(zone) for zone in ZONES), *extra)
    wanted = pool(4, instanceTypes=["m7i.large"], amiType="BOTTLEROCKET_x86_64")
    [problem] = pools(cell, ((POOLS, "extra"), wanted))
    assert (problem.key, problem.value) == ("ha-eks:pools.extra.amiType", "BOTTLEROCKET_x86_64")
    assert "make replace-nodes STACK=prod POOL=extra" in problem.message


def test_a_pool_that_is_not_there_yet_or_no_more_has_no_problems() -> None:
    spot: Change = ((POOLS, "extra"), pool(4, capacityType="SPOT"))
    gone = group(A, pool="gone", name="gone", shape=SPOT)
    assert pools(live(*(group(zone) for zone in ZONES), gone), spot) == []


def test_two_groups_of_a_pool_in_one_zone_are_a_replacement_that_goes_on() -> None:
    cell = live(group(A), group(B, name="old", shape=SPOT), group(B, name="new"), group(C))
    [problem] = pools(cell)
    assert (problem.key, problem.value) == ("ha-eks:pools.general", f"old, new in {B}")
    assert "a replacement is under way" in problem.message
    assert f"; {COMMAND} goes on with it" in problem.message


def test_two_groups_in_one_zone_are_no_replacement_if_their_pools_differ() -> None:
    extra = [group(zone, pool="extra", name=f"extra-{zone}") for zone in ZONES]
    change: Change = ((POOLS, "extra"), pool(4, instanceTypes=["m7i.large"]))
    assert pools(live(*(group(zone) for zone in ZONES), *extra), change) == []


def test_a_group_that_is_being_deleted_is_no_more() -> None:
    rest = [group(zone) for zone in ZONES]
    gone = group(A, name="gone", shape=SPOT, status="DELETING")
    assert pools(live(*rest, gone)) == []
    assert [each.key for each in pools(live(group(A, shape=SPOT), *rest[1:], gone))] == [
        "ha-eks:pools.general.capacityType"
    ]


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DEGRADED", "CREATE_FAILED"])
def test_a_group_that_is_anything_else_counts(status: str) -> None:
    cell = live(*(group(zone) for zone in ZONES), group(A, name="other", status=status))
    assert len(pools(cell)) == 1


def spanning(*zones: str) -> Live:
    """A cell with one node group over some zones."""
    return live(group(SPANNING, zones=zones, name="over-all"))


def test_a_group_over_all_zones_is_taken_as_it_is() -> None:
    assert pools(spanning(*ZONES), ALL) == []


@pytest.mark.parametrize(
    ("cell", "changes", "layout", "name", "place"),
    [
        (live(), [ALL], "spanning", group(A).name, A),
        (spanning(*ZONES), [], "perZone", "over-all", SPANNING),
    ],
)
def test_another_layout_is_refused_and_told_alone(
    cell: Live, changes: list[Change], layout: str, name: str, place: str
) -> None:
    [problem] = pools(cell, *changes, OTHER)
    assert (problem.key, problem.value) == ("ha-eks:pools.general.layout", layout)
    assert problem.message.startswith(f"that of {name}, which is for {place}: a pool keeps its")
    assert "docs/replace-nodes.md" in problem.message


@pytest.mark.parametrize("zones", [(A, B), (A, B, C, "us-east-1d")])
def test_a_group_over_all_zones_keeps_those_that_it_has(zones: tuple[str, ...]) -> None:
    [problem] = pools(spanning(*zones), ALL)
    assert (problem.key, problem.value) == ("ha-eks:network.zones", f"{A}, {B}, {C}")
    assert problem.message.startswith(f"{', '.join(zones)}, as the nodes of over-all are: ")
    assert COMMAND in problem.message


def test_zones_come_and_go_with_node_groups_of_their_own() -> None:
    for there in ([group(A), group(B)], [group(zone) for zone in (*ZONES, "us-east-1d")]):
        assert pools(live(*there)) == []


def test_a_shape_is_told_in_one_line() -> None:
    assert str(SPOT) == "AL2023_x86_64_STANDARD, SPOT, one type"
    assert str(MIXED) == "AL2023_x86_64_STANDARD, ON_DEMAND, m7i.large, m6i.large"


def test_a_pool_s_shape_has_its_types_only_if_they_stand_on_the_group() -> None:
    settings = settings_of(((POOLS, "extra"), pool(4, capacityType="SPOT")))
    assert shape_of(settings.pools["general"], [A]) == replace(SHAPE, zones=(A,))
    assert shape_of(settings.pools["extra"], [C, A]) == replace(
        MIXED, capacity_type="SPOT", zones=(A, C)
    ), "the order of the zones would replace the group"


def test_the_nodes_that_each_group_is_to_have_are_known_by_pool_and_zone() -> None:
    cell = live(group(A, desired=3), group(B, desired=0), group(A, pool="batch", desired=7))
    assert nodes_now(cell) == {("general", A): 3, ("general", B): 0, ("batch", A): 7}
    assert nodes_now(live(*())) == {("general", zone): 2 for zone in ZONES}


def test_of_two_groups_the_nodes_of_the_one_that_stays_count_or_the_larger() -> None:
    going = group(A, desired=9, status="DELETING")
    for pair in ((going, group(A, desired=4)), (group(A, desired=4), going)):
        assert nodes_now(live(*pair)) == {("general", A): 4}
    for pair in (
        (group(A, desired=6), group(A, desired=4)),
        (group(A, desired=4), group(A, desired=6)),
    ):
        assert nodes_now(live(*pair)) == {("general", A): 6}
    assert nodes_now(live(going)) == {("general", A): 9}
