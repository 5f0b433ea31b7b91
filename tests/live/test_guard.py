"""Changes that a plain `pulumi up` cannot make to a running cell are refused with a remedy."""

from dataclasses import replace

import pytest

from core.node_group_size import RunningSize
from core.tags import SPANNING
from live.cell import Live, NodeGroup, shape_of
from live.guard import (
    control_plane_problems,
    pool_problems,
    sizes_now,
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
OTHER_AMI: Change = ((*GENERAL, "amiType"), "BOTTLEROCKET_x86_64")
BOTTLEROCKET = replace(SHAPE, ami_type="BOTTLEROCKET_x86_64")
SPOT = replace(SHAPE, capacity_type="SPOT")
ON_DEMAND_POOL: Change = ((POOLS, "steady"), pool(12))
"""An on-demand pool, without which apps on spot nodes are refused."""
MIXED = replace(SHAPE, instance_types=("m7i.large", "m6i.large"))
SPANNING_POOL: Change = ((*GENERAL, "layout"), "spanning")


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs each test as the program of prod."""
    monkeypatch.setattr("pulumi.get_stack", lambda: "prod")


def lines(*problems: Problem) -> list[str]:
    return [str(problem) for problem in problems]


def versions(wanted: str, cell: Live) -> list[str]:
    return lines(*version_problems(settings_of((VERSION, wanted)), cell))


def pools(cell: Live, *changes: Change) -> list[str]:
    return lines(*pool_problems(settings_of(*changes), cell, "prod"))


def in_place(key: str, name: str, current: str, command: str = COMMAND) -> str:
    return (
        f"{key}: cannot change in place: node group {name} has {current}; run {command} to "
        "replace the nodes zone by zone (docs/replace-nodes.md)"
    )


def test_a_cell_that_matches_its_stack_file_has_no_problems() -> None:
    settings = settings_of()
    assert list(version_problems(settings, live())) == []
    assert list(control_plane_problems(settings, live())) == []
    assert list(pool_problems(settings, live(), "prod")) == []


# The version of the control plane.


@pytest.mark.parametrize(("wanted", "now"), [("1.34", "1.34"), ("1.35", "1.34"), ("1.36", "1.35")])
def test_the_current_and_the_next_minor_version_are_accepted(wanted: str, now: str) -> None:
    cell = live(*(group(zone, version=now) for zone in ZONES), version=now)
    assert versions(wanted, cell) == []


@pytest.mark.parametrize(("wanted", "now"), [("1.35", "1.36"), ("1.34", "1.36"), ("1.36", "1.100")])
def test_a_downgrade_of_the_control_plane_is_refused(wanted: str, now: str) -> None:
    assert versions(wanted, live(version=now)) == [
        f"ha-eks:cluster.version: must be at least {now}, which the control plane runs; to roll "
        "back an upgrade, run make rollback-version STACK=prod"
    ]


@pytest.mark.parametrize(
    ("wanted", "now", "next_"), [("1.36", "1.34", "1.35"), ("1.35", "1.9", "1.10")]
)
def test_an_upgrade_by_several_minor_versions_is_refused(wanted: str, now: str, next_: str) -> None:
    old = [group(zone, version=now) for zone in ZONES]
    assert versions(wanted, live(*old, version=now)) == [
        f"ha-eks:cluster.version: must be at most {next_}: the control plane runs {now}, and EKS "
        "upgrades one minor version at a time"
    ]


def test_an_upgrade_is_refused_until_all_nodes_run_the_version_of_the_control_plane() -> None:
    late = [group(B, version="1.34", name="late"), group(C, version="1.34", name="later")]
    assert versions("1.36", live(group(A, version="1.35"), *late, version="1.35")) == [
        "ha-eks:cluster.version: must be 1.35 until all nodes run 1.35: node group late runs "
        "1.34; write 1.35, run make up STACK=prod, then upgrade"
    ]


def test_nodes_may_follow_the_control_plane() -> None:
    behind = live(*(group(zone, version="1.35") for zone in ZONES), version="1.36")
    assert versions("1.36", behind) == [], "nodes could never follow their control plane"


def test_a_cell_without_nodes_can_be_upgraded() -> None:
    empty = replace(live(version="1.35"), node_groups=())
    assert versions("1.36", empty) == []


# Zones and subnets.


@pytest.mark.parametrize("zones", [(A, B), (A, B, "us-east-1d"), (A, B, C, "us-east-1d")])
def test_a_change_of_the_control_plane_zones_is_refused(zones: tuple[str, ...]) -> None:
    assert lines(*control_plane_problems(settings_of(), live(zones=zones))) == [
        "ha-eks:network.controlPlaneZones: cannot change: EKS keeps the zones in which the "
        f"cluster was created; write [{', '.join(zones)}]"
    ]


def test_the_order_of_the_control_plane_zones_does_not_matter() -> None:
    turned = settings_of(((NETWORK, "controlPlaneZones"), [C, A, B]))
    assert list(control_plane_problems(turned, live())) == []


def existing_vpc(**private: str) -> Change:
    """Returns the network of prod in an existing VPC.

    The private subnets are those of the cells of these tests, except for the zones that are named.
    """
    subnets = {zone: f"subnet-{zone[-1] * 8}" for zone in ZONES}
    public = {zone: f"subnet-{i}0000000" for i, zone in enumerate(ZONES)}
    existing = {
        "vpcId": "vpc-01234567",
        "privateSubnets": subnets | {f"us-east-1{letter}": id_ for letter, id_ in private.items()},
        "publicSubnets": public,
        "controlPlaneSubnets": public,
    }
    return (NETWORK,), {
        "zones": [*ZONES],
        "controlPlaneZones": [*ZONES],
        "existing": existing,
    }


def moved(zone: str, name: str, subnets: str, pool_name: str = "general") -> str:
    return (
        f"ha-eks:network.existing.privateSubnets.{zone}: cannot change while node group {name} is "
        f"in {subnets}: a node group keeps its subnets; write the previous subnet, use another "
        f"zone, or use another pool instead of {pool_name}"
    )


def test_the_current_subnets_of_the_nodes_are_accepted() -> None:
    assert list(subnet_problems(settings_of(existing_vpc()), live())) == []
    assert list(subnet_problems(settings_of(existing_vpc(), SPANNING_POOL), spanning(*ZONES))) == []


def test_a_change_of_the_subnet_of_a_zone_with_nodes_is_refused() -> None:
    extra = group(B, pool="extra", name="extra-b")
    wanted = settings_of(existing_vpc(b="subnet-eeeeeeee"), ((POOLS, "extra"), pool(4)))
    cell = live(group(A), group(B), group(C), extra)
    assert lines(*subnet_problems(wanted, cell)) == [moved(B, group(B).name, "subnet-bbbbbbbb")]


def test_every_zone_with_a_changed_subnet_is_reported() -> None:
    wanted = settings_of(existing_vpc(a="subnet-eeeeeeee", c="subnet-ffffffff"))
    assert lines(*subnet_problems(wanted, live())) == [
        moved(A, group(A).name, "subnet-aaaaaaaa"),
        moved(C, group(C).name, "subnet-cccccccc"),
    ]


def test_a_node_group_over_all_zones_keeps_its_subnets_too() -> None:
    wanted = settings_of(existing_vpc(c="subnet-ffffffff"), SPANNING_POOL)
    subnets = "subnet-aaaaaaaa and subnet-bbbbbbbb and subnet-cccccccc"
    assert lines(*subnet_problems(wanted, spanning(*ZONES))) == [moved(C, "over-all", subnets)]


def test_a_subnet_may_change_if_its_nodes_are_removed() -> None:
    wanted = settings_of(existing_vpc(b="subnet-eeeeeeee"))
    rest = [group(A), group(C)]
    assert list(subnet_problems(wanted, live(*rest, group(B, pool="gone", name="gone")))) == []
    assert list(subnet_problems(wanted, live(*rest, group(B, status="DELETING")))) == []
    other_zone = group("us-east-1d")
    assert list(subnet_problems(settings_of(existing_vpc()), live(*rest, other_zone))) == []


def test_subnets_of_a_vpc_that_the_cell_creates_are_not_checked() -> None:
    assert list(subnet_problems(settings_of(), live())) == []


# Node groups.


@pytest.mark.parametrize(
    ("field", "value", "now"),
    [
        ("amiType", "BOTTLEROCKET_x86_64", "AL2023_x86_64_STANDARD"),
        ("capacityType", "SPOT", "ON_DEMAND"),
        ("instanceTypes", ["m6i.large", "m7i.large"], "m7i.large, m6i.large"),
    ],
)
def test_a_property_that_a_node_group_cannot_change_is_refused_with_the_command_that_replaces_it(
    field: str, value: object, now: str
) -> None:
    cell = live(*(group(zone, shape=MIXED) for zone in ZONES))
    assert pools(cell, TYPES, ON_DEMAND_POOL, ((*GENERAL, field), value)) == [
        in_place(f"ha-eks:pools.general.{field}", group(A).name, now)
    ]


def test_a_change_between_one_and_several_instance_types_is_refused() -> None:
    mixed = live(*(group(zone, shape=MIXED) for zone in ZONES))
    key = "ha-eks:pools.general.instanceTypes"
    assert pools(mixed, TYPES) == []
    assert pools(live(), TYPES) == [in_place(key, group(A).name, "one instance type")]
    assert pools(mixed) == [in_place(key, group(A).name, "m7i.large, m6i.large")]


@pytest.mark.parametrize("type_", ["m7i.xlarge", "m6i.large"])
def test_a_change_of_the_only_instance_type_is_accepted_as_a_rolling_update(type_: str) -> None:
    assert pools(live(), ((*GENERAL, "instanceTypes"), [type_])) == []


def test_every_changed_property_is_reported_once() -> None:
    problems = pools(live(), OTHER_AMI, TYPES, ON_DEMAND_POOL, ((*GENERAL, "capacityType"), "SPOT"))
    assert problems == [
        in_place("ha-eks:pools.general.amiType", group(A).name, "AL2023_x86_64_STANDARD"),
        in_place("ha-eks:pools.general.capacityType", group(A).name, "ON_DEMAND"),
        in_place("ha-eks:pools.general.instanceTypes", group(A).name, "one instance type"),
    ]


def test_a_half_replaced_pool_is_reported_with_its_next_old_node_group() -> None:
    assert pools(live(group(A, shape=BOTTLEROCKET), group(B), group(C)), OTHER_AMI) == [
        in_place("ha-eks:pools.general.amiType", group(B).name, "AL2023_x86_64_STANDARD")
    ]


def test_each_pool_is_compared_with_its_own_node_groups() -> None:
    extra = [group(zone, pool="extra", name=f"extra-{zone}") for zone in ZONES]
    cell = live(*(group(zone) for zone in ZONES), *extra)
    wanted = pool(4, instanceTypes=["m7i.large"], amiType="BOTTLEROCKET_x86_64")
    command = "make replace-nodes STACK=prod POOL=extra"
    assert pools(cell, ((POOLS, "extra"), wanted)) == [
        in_place("ha-eks:pools.extra.amiType", f"extra-{A}", "AL2023_x86_64_STANDARD", command)
    ]


def test_new_and_removed_pools_have_no_problems() -> None:
    spot: Change = ((POOLS, "extra"), pool(4, capacityType="SPOT"))
    gone = group(A, pool="gone", name="gone", shape=SPOT)
    assert pools(live(*(group(zone) for zone in ZONES), gone), spot) == []


def test_two_node_groups_of_a_pool_in_a_zone_are_a_replacement_in_progress() -> None:
    cell = live(group(A), group(B, name="old", shape=SPOT), group(B, name="new"), group(C))
    assert pools(cell) == [
        f"ha-eks:pools.general: the replacement of the nodes is not complete: {B} has the node "
        f"groups old and new; run {COMMAND}"
    ]


def test_node_groups_of_different_pools_in_a_zone_are_not_a_replacement() -> None:
    extra = [group(zone, pool="extra", name=f"extra-{zone}") for zone in ZONES]
    change: Change = ((POOLS, "extra"), pool(4, instanceTypes=["m7i.large"]))
    assert pools(live(*(group(zone) for zone in ZONES), *extra), change) == []


def test_a_node_group_that_is_being_deleted_is_ignored() -> None:
    rest = [group(zone) for zone in ZONES]
    gone = group(A, name="gone", shape=SPOT, status="DELETING")
    assert pools(live(*rest, gone)) == []
    assert pools(live(group(A, shape=SPOT), *rest[1:], gone)) == [
        in_place("ha-eks:pools.general.capacityType", group(A).name, "SPOT")
    ]


@pytest.mark.parametrize("status", ["CREATING", "UPDATING", "DEGRADED", "CREATE_FAILED"])
def test_a_node_group_of_any_other_status_is_checked(status: str) -> None:
    cell = live(*(group(zone) for zone in ZONES), group(A, name="other", status=status))
    assert len(pools(cell)) == 1


def spanning(*zones: str) -> Live:
    """Returns a cell with one node group over some zones."""
    return live(group(SPANNING, zones=zones, name="over-all"))


def test_a_spanning_node_group_that_matches_its_pool_is_accepted() -> None:
    assert pools(spanning(*ZONES), SPANNING_POOL) == []


@pytest.mark.parametrize(
    ("cell", "changes", "name", "layout"),
    [
        (live(), [SPANNING_POOL], group(A).name, "perZone"),
        (spanning(*ZONES), [], "over-all", "spanning"),
    ],
)
def test_a_changed_layout_is_the_only_problem_reported(
    cell: Live, changes: list[Change], name: str, layout: str
) -> None:
    assert pools(cell, *changes, OTHER_AMI) == [
        f"ha-eks:pools.general.layout: cannot change: node group {name} was created for layout "
        f"{layout}; write {layout}, or add another pool and then remove this one "
        "(docs/replace-nodes.md)"
    ]


@pytest.mark.parametrize("zones", [(A, B), (A, B, C, "us-east-1d")])
def test_a_spanning_node_group_keeps_its_zones(zones: tuple[str, ...]) -> None:
    assert pools(spanning(*zones), SPANNING_POOL) == [
        in_place("ha-eks:network.zones", "over-all", ", ".join(zones))
    ]


def test_zones_may_be_added_and_removed_with_their_node_groups() -> None:
    for groups in ([group(A), group(B)], [group(zone) for zone in (*ZONES, "us-east-1d")]):
        assert pools(live(*groups)) == []


def test_a_shape_is_one_line() -> None:
    assert str(SPOT) == "AL2023_x86_64_STANDARD, SPOT, one type"
    assert str(MIXED) == "AL2023_x86_64_STANDARD, ON_DEMAND, m7i.large, m6i.large"


def test_the_shape_of_a_pool_has_instance_types_only_if_the_node_group_has_them() -> None:
    settings = settings_of(((POOLS, "extra"), pool(4, capacityType="SPOT")))
    assert shape_of(settings.pools["general"], [A]) == replace(SHAPE, zones=(A,))
    assert shape_of(settings.pools["extra"], [C, A]) == replace(
        MIXED, capacity_type="SPOT", zones=(A, C)
    ), "the order of the zones would replace the node group"


def test_the_current_size_is_known_by_pool_and_zone() -> None:
    batch = group(A, pool="batch", desired=7, max=9)
    cell = live(group(A, desired=3), group(B, min=0, desired=0), batch)
    assert sizes_now(cell) == {
        ("general", A): RunningSize(min=2, desired=3, max=8),
        ("general", B): RunningSize(min=0, desired=0, max=8),
        ("batch", A): RunningSize(min=2, desired=7, max=9),
    }


def nodes_now(*groups: NodeGroup) -> dict[tuple[str, str], int]:
    return {place: size.desired for place, size in sizes_now(live(*groups)).items()}


def test_the_size_of_a_zone_is_that_of_its_remaining_or_larger_node_group() -> None:
    deleting = group(A, desired=9, status="DELETING")
    for pair in ((deleting, group(A, desired=4)), (group(A, desired=4), deleting)):
        assert nodes_now(*pair) == {("general", A): 4}
    for pair in (
        (group(A, desired=6), group(A, desired=4)),
        (group(A, desired=4), group(A, desired=6)),
    ):
        assert nodes_now(*pair) == {("general", A): 6}
    assert nodes_now(deleting) == {("general", A): 9}
