"""The order of a replacement: no pod loses its node before there is another one for it."""

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
    Held,
    KilledError,
    World,
    group,
    unit,
)
from tools.deploy.replace_nodes.interfaces import ReplaceError, Unit
from tools.deploy.replace_nodes.order import Bounds, Replacing

USUAL = Bounds()
ZONES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture(autouse=True)
def world() -> Generator[World]:
    """An empty one, whose time is that of a replacement."""
    with pytest.MonkeyPatch.context() as patch:
        yield timed(World(), patch)


def timed(world: World, patch: pytest.MonkeyPatch) -> World:
    patch.setattr("tools.deploy.replace_nodes.order.time", world)
    return world


def run(world: World, units: Sequence[Unit], bounds: Bounds = USUAL) -> tuple[int, list[str]]:
    """How many groups were deleted, and what was told."""
    told: list[str] = []
    done = Replacing(parts=world.parts(units), tell=told.append, bounds=bounds).run(units)
    return done, told


def fails(world: World, units: Sequence[Unit], bounds: Bounds = USUAL) -> str:
    """What the error says of a replacement that does not come to its end."""
    with pytest.raises(ReplaceError) as caught:
        run(world, units, bounds)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def old(world: World, *zones: str, **changes: object) -> list[Unit]:
    """Has a node group of the former shape in each zone; the units that are wanted there."""
    units = [unit(zone) for zone in zones]
    for each in units:
        world.there(group(f"old-{each.zone}", each.zone, **changes), each)
    return units


def steps(zone: str, number: int) -> list[str]:
    """The steps of one zone, whose new group is the number-th that is made."""
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
    done, told = run(world, old(world, "a"))
    assert done == 1
    assert world.journal == steps("a", 1)
    assert list(world.groups) == ["nodes-general-a-1"]
    assert told == [
        "old-a stays in AWS when it leaves the state",
        "nodes-general-a-1 is there: BOTTLEROCKET_x86_64, ON_DEMAND, one type",
        "old-a grows no more",
        "old-a takes no more pods",
        "old-a is drained",
        "the cell is whole",
        "old-a is deleted",
    ]


def test_a_zone_begins_once_the_one_before_it_is_done(world: World) -> None:
    done, _ = run(world, old(world, "a", "b", "c"))
    assert done == 3
    assert world.journal == [*steps("a", 1), *steps("b", 2), *steps("c", 3)]
    assert [each.shape for each in world.groups.values()] == [WANTED] * 3


def test_there_is_nothing_to_do_where_all_fits(world: World) -> None:
    units = old(world, "a", "b", shape=WANTED)
    world.whole_at = 1e9
    assert run(world, units) == (0, [])
    assert (world.journal, world.now) == ([], 0)


def test_only_what_does_not_fit_is_replaced(world: World) -> None:
    units = old(world, "a", "b", "c", shape=WANTED)
    world.groups["old-b"] = replace(world.groups["old-b"], shape=FORMER)
    assert run(world, units)[0] == 1
    assert world.journal == steps("b", 1)


@pytest.mark.parametrize(
    "shape",
    [
        replace(WANTED, ami_type="other"),
        replace(WANTED, capacity_type="SPOT"),
        replace(WANTED, instance_types=("m7i.large", "m6i.large")),
        replace(WANTED, zones=("a", "b")),
    ],
)
def test_a_group_of_any_other_shape_does_not_fit(world: World, shape: Shape) -> None:
    assert run(world, old(world, "a", shape=shape))[0] == 1


def test_other_pools_and_zones_are_left_alone(world: World) -> None:
    units = old(world, "a")
    world.there(group("of-b", "b"))
    world.there(group("other", "a", pool="other"), unit("a", "other"))
    run(world, units)
    assert set(world.groups) == {"nodes-general-a-1", "of-b", "other"}


def test_as_many_nodes_are_made_as_the_former_group_has(world: World) -> None:
    run(world, old(world, "a", desired=5))
    assert world.journal[1:4] == [
        "create:nodes-general-a", "resize nodes-general-a-1 2 5 8", "resize old-a 0 5 5",
    ]  # fmt: skip
    assert world.groups["nodes-general-a-1"].desired == 5


def test_no_more_nodes_are_made_than_the_stack_file_lets(world: World) -> None:
    world.size = (2, 2, 4)
    run(world, old(world, "a", desired=7))
    assert world.groups["nodes-general-a-1"] == group(
        "nodes-general-a-1", shape=WANTED, min=2, desired=4, max=4
    )


def test_a_new_group_that_has_more_keeps_them(world: World) -> None:
    world.size = (3, 6, 8)
    run(world, old(world, "a", desired=4))
    assert world.groups["nodes-general-a-1"].desired == 6
    assert "resize old-a 0 4 4" in world.journal


@pytest.mark.parametrize(("desired", "most"), [(0, 1), (1, 1), (6, 6)])
def test_the_former_group_may_neither_grow_nor_is_kept_from_shrinking(
    world: World, desired: int, most: int
) -> None:
    run(world, old(world, "a", min=0, desired=desired))
    assert f"resize old-a 0 {desired} {most}" in world.journal


def test_a_former_group_that_cannot_grow_already_is_left_so(world: World) -> None:
    run(world, old(world, "a", min=0, desired=3, max=3))
    assert [each for each in world.journal if each.startswith("resize old")] == []


def test_the_former_group_is_there_until_as_many_nodes_are_ready(world: World) -> None:
    world.joining = 700
    run(world, old(world, "a", desired=5))
    assert 700 <= world.now < 800, "nodes that are ready are not waited for any longer"


def test_all_nodes_of_a_new_group_that_has_more_are_waited_for(world: World) -> None:
    world.size, world.joining = (3, 6, 8), 1e9
    assert ": 0 of 6 nodes are ready" in fails(world, old(world, "a", desired=4))


def test_nodes_that_do_not_come_are_told_and_nothing_is_drained(world: World) -> None:
    world.joining = 1e9
    units = old(world, "a", "b", desired=3)
    told = fails(world, units)
    assert told.startswith("after 20 minutes still: nodes-general-a-1: 0 of 3 nodes are ready; ")
    assert "nothing is lost" in told
    assert "docs/replace-nodes.md" in told
    assert 1200 <= world.now < 1300
    assert not world.cordoned
    assert not world.drained
    assert world.groups["old-a"] == group("old-a", desired=3), "it could not take pods for others"


def test_the_cell_has_to_be_whole_before_the_former_group_goes(world: World) -> None:
    world.settling = 300
    run(world, old(world, "a"))
    assert 600 <= world.now < 700, "the load balancer is the last that has to be whole"


def test_a_cell_that_does_not_come_to_itself_keeps_the_former_group(world: World) -> None:
    world.settling = 1e9
    units = old(world, "a", "b")
    told = fails(world, units)
    assert told.startswith(
        "after 15 minutes still: web/web: 5 of 6 pods are ready; web: 5 of 6 targets are healthy; "
    )
    assert 900 <= world.now < 1000
    assert world.journal == steps("a", 1)[:-1]
    world.whole_at = world.targets_at = world.settling = 0
    assert run(world, units)[0] == 2
    assert world.journal.count("create:nodes-general-a") == 1
    assert set(world.groups) == {"nodes-general-a-1", "nodes-general-b-2"}


@pytest.mark.parametrize("of", ["whole_at", "targets_at"])
def test_a_cell_that_is_not_whole_is_not_begun(world: World, of: str) -> None:
    setattr(world, of, 1e9)
    assert "5 of 6" in fails(world, old(world, "a"))
    assert world.journal == []


def test_a_cell_that_becomes_whole_is_begun(world: World) -> None:
    world.whole_at = 400
    assert run(world, old(world, "a"))[0] == 1
    assert 400 <= world.now < 500


def test_bounds_are_the_caller_s(world: World) -> None:
    world.joining = 1e9
    assert "after 2 minutes still: nodes" in fails(world, old(world, "a"), Bounds(nodes=120))
    world.whole_at = 1e9
    assert "after 1 minutes still: web" in fails(world, old(world, "b"), Bounds(whole=60))


def test_without_patience_what_is_there_at_once_is_enough(world: World) -> None:
    assert run(world, old(world, "a", "b"), Bounds(nodes=0, whole=0))[0] == 2
    assert world.now == 0


def test_pods_that_a_budget_holds_stay_where_they_are(world: World) -> None:
    units = old(world, "a", "b")
    parts = world.parts(units)
    held = replace(parts, cluster=Held(parts.cluster))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ReplaceError, match="kubectl drain old-a: timed out"):
        Replacing(parts=held, tell=lambda _: None).run(units)
    assert world.journal == steps("a", 1)[:-2]
    assert run(world, units)[0] == 2


def test_a_deletion_under_way_is_only_waited_for(world: World) -> None:
    units = old(world, "a", shape=WANTED)
    world.there(group("going", status="DELETING"))
    assert run(world, units) == (1, ["going is deleted"])
    assert world.journal == ["delete going"]


def test_what_an_earlier_replacement_left_goes_too(world: World) -> None:
    """Begun, and then taken back: three groups in one zone, of which one is to stay."""
    units = old(world, "a")
    world.there(group("older", desired=3)).there(group("oldest", status="DELETING"))
    assert run(world, units)[0] == 3
    assert set(world.groups) == {"nodes-general-a-1"}


def test_a_group_that_is_taken_back_is_made_again(world: World) -> None:
    units = old(world, "a")
    world.lives = 4
    with pytest.raises(KilledError):
        run(world, units)
    back = [unit("a", shape=FORMER)]
    world.lives = None
    assert run(world, back)[0] == 2
    assert {each.shape for each in world.groups.values()} == {FORMER}
    assert set(world.groups) == {"nodes-general-a-2"}


def test_without_any_nodes_there_is_nothing_to_replace(world: World) -> None:
    world.there(group("other", pool="other"))
    told = fails(world, [unit("a")])
    assert told == "nodes-general-a: there are no nodes to replace; make up makes them"
    assert world.journal == []


def test_a_group_that_somebody_deleted_is_make_up_s_business(world: World) -> None:
    units = old(world, "a", "b")
    del world.groups["old-a"]
    assert fails(world, units) == "old-a: in the state, but not in AWS; make up makes it anew"
    assert world.journal == []


sizes = st.tuples(st.integers(0, 3), st.integers(0, 6), st.integers(1, 9)).map(
    lambda parts: tuple(sorted(parts))
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Callable[[], World], list[Unit]]:
    """A world to begin in, as often as one wants, and the units that are wanted in it."""
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=4, unique=True))
    zones = [SPANNING] if draw(st.booleans()) else zones
    shapes = st.sampled_from([FORMER, WANTED])
    groups: list[tuple[str, NodeGroup]] = []
    for zone in zones:
        least, desired, most = draw(sizes)
        made = group(f"old-{zone}", zone, min=least, desired=desired, max=max(most, 1),
                     shape=draw(shapes))  # fmt: skip
        groups.append((unit(zone).urn, made))
    left = draw(st.lists(st.sampled_from(zones), max_size=2, unique=True))
    left_overs = [
        group(f"left-{zone}", zone, desired=draw(st.integers(0, 4)),
              status=draw(st.sampled_from(["ACTIVE", "DELETING"])))
        for zone in left
    ]  # fmt: skip
    least, desired, most = draw(sizes)
    wait, settle = draw(st.sampled_from([0, 30, 400])), draw(st.sampled_from([0, 20, 200]))
    units = [unit(zone) for zone in zones]

    def build() -> World:
        world = World(size=(least, desired, max(most, 1)), joining=wait, settling=settle)
        for urn, each in groups:
            world.groups[each.name] = each
            if urn in {wanted.urn for wanted in units}:
                world.state[urn] = each.name
        for each in left_overs:
            world.there(each)
        return world

    return build, units


def end(world: World) -> list[tuple[str, Shape, int, int]]:
    """What people see in the end: names are not the same from run to run."""
    return sorted((each.zone, each.shape, each.min, each.max) for each in world.groups.values())


def check_end(world: World, units: Sequence[Unit]) -> None:
    assert sorted(each.zone for each in world.groups.values()) == sorted(u.zone for u in units)
    assert {each.shape for each in world.groups.values()} == {WANTED}
    assert sorted(world.groups) == sorted(world.state.values())
    assert run(world, units) == (0, []), "a further run has something to do"


@settings(deadline=None, max_examples=60)
@given(case=worlds())
def test_wherever_it_is_killed_another_run_comes_to_the_same_end_without_harm(
    case: tuple[Callable[[], World], list[Unit]],
) -> None:
    build, units = case
    with pytest.MonkeyPatch.context() as patch:
        straight = timed(build(), patch)
        run(straight, units)
        check_end(straight, units)
        for lives in range(1, len(straight.journal) + 1):
            world = timed(build(), patch)
            for world.lives in (lives, lives % 4 + 1):
                with suppress(KilledError):
                    run(world, units)
            world.lives = None
            run(world, units)
            check_end(world, units)
            assert end(world) == end(straight)
            once = [each for each in world.journal if each.startswith(("create", "delete"))]
            assert len(once) == len(set(once)), "something was made or deleted twice"
