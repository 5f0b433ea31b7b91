"""The order of a replacement: no pod loses its node before another node is ready."""

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tags import SPANNING
from live.cell import NodeGroup, Shape
from tests.tools.deploy.replace_nodes.in_memory import (
    FORMER,
    WANTED,
    BlockedDrain,
    KilledError,
    World,
    group,
    unit,
)
from tools.deploy.replace_nodes.interfaces import REMEDY, ReplaceError, Unit
from tools.deploy.replace_nodes.order import Limits, Replacing

DEFAULT = Limits()
ZONES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture(autouse=True)
def world() -> Generator[World]:
    """Returns an empty world whose clock is the clock of the replacement."""
    with pytest.MonkeyPatch.context() as patch:
        yield with_clock(World(), patch)


def with_clock(world: World, patch: pytest.MonkeyPatch) -> World:
    patch.setattr("tools.deploy.replace_nodes.order.time", world)
    return world


def run(world: World, units: Sequence[Unit], limits: Limits = DEFAULT) -> tuple[int, list[str]]:
    """Returns the number of deleted node groups, and the reported lines."""
    reported: list[str] = []
    deleted = Replacing(parts=world.parts(units), report=reported.append, limits=limits).run(units)
    return deleted, reported


def fails(world: World, units: Sequence[Unit], limits: Limits = DEFAULT) -> str:
    """Returns the message of a replacement that stops."""
    with pytest.raises(ReplaceError) as caught:
        run(world, units, limits)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def old(world: World, *zones: str, **changes: object) -> list[Unit]:
    """Adds a node group of the former shape in each zone, and returns the required units."""
    units = [unit(zone) for zone in zones]
    for each in units:
        world.add(group(f"old-{each.zone}", each.zone, **changes), each)
    return units


def steps(zone: str) -> list[str]:
    """Returns the steps of one zone."""
    name = f"nodes-general-{zone}"
    return [
        f"retain:{name}",
        f"create:{name}",
        f"resize old-{zone} 0 2 2",
        f"cordon old-{zone}",
        f"drain old-{zone}",
        f"delete old-{zone}",
    ]


def test_one_zone_is_replaced_step_by_step(world: World) -> None:
    deleted, reported = run(world, old(world, "a"))
    assert deleted == 1
    assert world.journal == steps("a")
    assert list(world.groups) == ["nodes-general-a-1"]
    assert reported == [
        "old-a: stays in AWS when it leaves the state",
        "nodes-general-a-1: created (BOTTLEROCKET_x86_64, ON_DEMAND, one type)",
        "old-a: cannot scale up any more",
        "old-a: cordoned",
        "old-a: drained",
        "the cell is healthy",
        "old-a: deleted",
    ]


def test_zones_are_replaced_one_after_another(world: World) -> None:
    deleted, _ = run(world, old(world, "a", "b", "c"))
    assert deleted == 3
    assert world.journal == [*steps("a"), *steps("b"), *steps("c")]
    assert [each.shape for each in world.groups.values()] == [WANTED] * 3


def test_node_groups_that_match_the_stack_file_are_not_replaced(world: World) -> None:
    units = old(world, "a", "b", shape=WANTED)
    world.pods_ready_at = 1e9
    assert run(world, units) == (0, [])
    assert (world.journal, world.now) == ([], 0)


def test_only_node_groups_that_differ_are_replaced(world: World) -> None:
    units = old(world, "a", "b", "c", shape=WANTED)
    world.groups["old-b"] = replace(world.groups["old-b"], shape=FORMER)
    assert run(world, units)[0] == 1
    assert world.journal == steps("b")


@pytest.mark.parametrize(
    "shape",
    [
        replace(WANTED, ami_type="other"),
        replace(WANTED, capacity_type="SPOT"),
        replace(WANTED, instance_types=("m7i.large", "m6i.large")),
        replace(WANTED, zones=("a", "b")),
    ],
)
def test_a_node_group_of_any_other_shape_is_replaced(world: World, shape: Shape) -> None:
    assert run(world, old(world, "a", shape=shape))[0] == 1


def test_other_pools_and_zones_are_not_changed(world: World) -> None:
    units = old(world, "a")
    world.add(group("zone-b", "b"))
    world.add(group("other", "a", pool="other"), unit("a", "other"))
    run(world, units)
    assert set(world.groups) == {"nodes-general-a-1", "zone-b", "other"}


def test_the_new_node_group_is_scaled_up_to_the_nodes_of_the_former_one(world: World) -> None:
    run(world, old(world, "a", desired=5))
    assert world.journal[1:4] == [
        "create:nodes-general-a", "resize nodes-general-a-1 2 5 8", "resize old-a 0 5 5",
    ]  # fmt: skip
    assert world.groups["nodes-general-a-1"].desired == 5


def test_the_new_node_group_does_not_exceed_its_maximum_size(world: World) -> None:
    world.size = (2, 2, 4)
    run(world, old(world, "a", desired=7))
    assert world.groups["nodes-general-a-1"] == group(
        "nodes-general-a-1", shape=WANTED, min=2, desired=4, max=4
    )


def test_a_larger_new_node_group_is_not_scaled_down(world: World) -> None:
    world.size = (3, 6, 8)
    run(world, old(world, "a", desired=4))
    assert world.groups["nodes-general-a-1"].desired == 6
    assert "resize old-a 0 4 4" in world.journal


@pytest.mark.parametrize(("desired", "maximum"), [(0, 1), (1, 1), (6, 6)])
def test_the_former_node_group_cannot_scale_up_and_may_scale_down(
    world: World, desired: int, maximum: int
) -> None:
    run(world, old(world, "a", min=0, desired=desired))
    assert f"resize old-a 0 {desired} {maximum}" in world.journal


def test_a_former_node_group_that_cannot_scale_up_is_not_resized(world: World) -> None:
    run(world, old(world, "a", min=0, desired=3, max=3))
    assert [each for each in world.journal if each.startswith("resize old")] == []


def test_the_former_node_group_is_drained_when_as_many_new_nodes_are_ready(world: World) -> None:
    world.node_startup = 700
    run(world, old(world, "a", desired=5))
    assert 700 <= world.now < 800, "the drain starts before or long after the nodes are ready"


def test_all_nodes_of_a_larger_new_node_group_must_be_ready(world: World) -> None:
    world.size, world.node_startup = (3, 6, 8), 1e9
    assert fails(world, old(world, "a", desired=4)) == (
        f"not ready after 20 minutes: nodes-general-a-1: 0 of 6 nodes are ready; {REMEDY}"
    )


def test_missing_nodes_stop_the_replacement_before_the_drain(world: World) -> None:
    world.node_startup = 1e9
    units = old(world, "a", "b", desired=3)
    assert fails(world, units) == (
        f"not ready after 20 minutes: nodes-general-a-1: 0 of 3 nodes are ready; {REMEDY}"
    )
    assert 1200 <= world.now < 1300
    assert not world.cordoned
    assert not world.drained
    assert world.groups["old-a"] == group("old-a", desired=3), (
        "the former node group could not scale up for pods"
    )


def test_the_cell_must_be_healthy_before_the_former_node_group_is_deleted(world: World) -> None:
    world.pod_startup = 300
    run(world, old(world, "a"))
    assert 600 <= world.now < 700, (
        "the node group is deleted before its targets are healthy elsewhere"
    )


def test_an_unhealthy_cell_keeps_the_former_node_group(world: World) -> None:
    world.pod_startup = 1e9
    units = old(world, "a", "b")
    assert fails(world, units) == (
        "not ready after 15 minutes: web/web: 5 of 6 pods are ready; web: 5 of 6 targets are "
        f"healthy; {REMEDY}"
    )
    assert 900 <= world.now < 1000
    assert world.journal == steps("a")[:-1]
    world.pods_ready_at = world.targets_healthy_at = world.pod_startup = 0
    assert run(world, units)[0] == 2
    assert world.journal.count("create:nodes-general-a") == 1
    assert set(world.groups) == {"nodes-general-a-1", "nodes-general-b-2"}


@pytest.mark.parametrize(
    ("time", "missing"),
    [
        ("pods_ready_at", "web/web: 5 of 6 pods are ready"),
        ("targets_healthy_at", "web: 5 of 6 targets are healthy"),
    ],
)
def test_a_replacement_does_not_start_in_an_unhealthy_cell(
    world: World, time: str, missing: str
) -> None:
    setattr(world, time, 1e9)
    assert fails(world, old(world, "a")) == f"not ready after 15 minutes: {missing}; {REMEDY}"
    assert world.journal == []


def test_a_replacement_starts_when_the_cell_becomes_healthy(world: World) -> None:
    world.pods_ready_at = 400
    assert run(world, old(world, "a"))[0] == 1
    assert 400 <= world.now < 500


def test_limits_can_be_changed(world: World) -> None:
    world.node_startup = 1e9
    assert fails(world, old(world, "a"), Limits(nodes=120)) == (
        f"not ready after 2 minutes: nodes-general-a-1: 0 of 2 nodes are ready; {REMEDY}"
    )
    world.pods_ready_at = 1e9
    assert fails(world, old(world, "b"), Limits(healthy=60)) == (
        f"not ready after 1 minutes: web/web: 5 of 6 pods are ready; {REMEDY}"
    )


def test_limits_of_zero_do_not_stop_a_healthy_cell(world: World) -> None:
    assert run(world, old(world, "a", "b"), Limits(nodes=0, healthy=0))[0] == 2
    assert world.now == 0


def test_a_blocked_drain_stops_the_replacement_and_can_be_repeated(world: World) -> None:
    units = old(world, "a", "b")
    parts = world.parts(units)
    blocked = replace(parts, cluster=BlockedDrain(parts.cluster))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ReplaceError) as caught:
        Replacing(parts=blocked, report=lambda _: None).run(units)
    assert str(caught.value) == "kubectl drain old-a: timed out"
    assert world.journal == steps("a")[:-2]
    assert run(world, units)[0] == 2


def test_a_deletion_in_progress_is_only_awaited(world: World) -> None:
    units = old(world, "a", shape=WANTED)
    world.add(group("deleting", status="DELETING"))
    assert run(world, units) == (1, ["deleting: deleted"])
    assert world.journal == ["delete deleting"]


def test_node_groups_of_an_earlier_replacement_are_deleted_too(world: World) -> None:
    """After a rollback, a zone can have three node groups, of which one remains."""
    units = old(world, "a")
    world.add(group("older", desired=3)).add(group("oldest", status="DELETING"))
    assert run(world, units)[0] == 3
    assert set(world.groups) == {"nodes-general-a-1"}


def test_a_rollback_creates_the_former_node_group_again(world: World) -> None:
    units = old(world, "a")
    world.steps_until_kill = 4
    with pytest.raises(KilledError):
        run(world, units)
    rolled_back = [unit("a", shape=FORMER)]
    world.steps_until_kill = None
    assert run(world, rolled_back)[0] == 2
    assert {each.shape for each in world.groups.values()} == {FORMER}
    assert set(world.groups) == {"nodes-general-a-2"}


def test_a_node_group_that_is_not_in_the_state_stops_the_replacement(world: World) -> None:
    world.add(group("other", pool="other"))
    message = "nodes-general-a: not in the state; run make up, which creates it"
    assert fails(world, [unit("a")]) == message
    assert world.journal == []


def test_a_node_group_that_was_deleted_in_aws_stops_the_replacement(world: World) -> None:
    units = old(world, "a", "b")
    del world.groups["old-a"]
    message = "old-a: in the state, but not in AWS; run make up to create it"
    assert fails(world, units) == message
    assert world.journal == []


sizes = st.tuples(st.integers(0, 3), st.integers(0, 6), st.integers(1, 9)).map(
    lambda parts: tuple(sorted(parts))
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Callable[[], World], list[Unit]]:
    """Generates a function that builds the same world again, and the required units."""
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=4, unique=True))
    zones = [SPANNING] if draw(st.booleans()) else zones
    shapes = st.sampled_from([FORMER, WANTED])
    groups: list[tuple[str, NodeGroup]] = []
    for zone in zones:
        minimum, desired, maximum = draw(sizes)
        former = group(f"old-{zone}", zone, min=minimum, desired=desired, max=max(maximum, 1),
                       shape=draw(shapes))  # fmt: skip
        groups.append((unit(zone).urn, former))
    left_zones = draw(st.lists(st.sampled_from(zones), max_size=2, unique=True))
    leftovers = [
        group(f"left-{zone}", zone, desired=draw(st.integers(0, 4)),
              status=draw(st.sampled_from(["ACTIVE", "DELETING"])))
        for zone in left_zones
    ]  # fmt: skip
    minimum, desired, maximum = draw(sizes)
    node_startup, pod_startup = (
        draw(st.sampled_from([0, 30, 400])),
        draw(st.sampled_from([0, 20, 200])),
    )
    units = [unit(zone) for zone in zones]

    def build() -> World:
        world = World(
            size=(minimum, desired, max(maximum, 1)),
            node_startup=node_startup,
            pod_startup=pod_startup,
        )
        for urn, each in groups:
            world.groups[each.name] = each
            if urn in {wanted.urn for wanted in units}:
                world.state[urn] = each.name
        for each in leftovers:
            world.add(each)
        return world

    return build, units


def result(world: World) -> list[tuple[str, Shape, int, int]]:
    """Returns the node groups without their names, which differ between runs."""
    return sorted((each.zone, each.shape, each.min, each.max) for each in world.groups.values())


def check_result(world: World, units: Sequence[Unit]) -> None:
    assert sorted(each.zone for each in world.groups.values()) == sorted(u.zone for u in units)
    assert {each.shape for each in world.groups.values()} == {WANTED}
    assert sorted(world.groups) == sorted(world.state.values())
    assert run(world, units) == (0, []), "a further run would replace nodes again"


@settings(deadline=None, max_examples=60)
@given(case=worlds())
def test_after_a_kill_at_any_step_another_run_has_the_same_result_without_harm(
    case: tuple[Callable[[], World], list[Unit]],
) -> None:
    build, units = case
    with pytest.MonkeyPatch.context() as patch:
        without_kill = with_clock(build(), patch)
        run(without_kill, units)
        check_result(without_kill, units)
        for steps_until_kill in range(1, len(without_kill.journal) + 1):
            world = with_clock(build(), patch)
            for world.steps_until_kill in (steps_until_kill, steps_until_kill % 4 + 1):
                with suppress(KilledError):
                    run(world, units)
            world.steps_until_kill = None
            run(world, units)
            check_result(world, units)
            assert result(world) == result(without_kill)
            once = [each for each in world.journal if each.startswith(("create", "delete"))]
            assert len(once) == len(set(once)), "a node group was created or deleted twice"
