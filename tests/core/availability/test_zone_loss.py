"""What the loss of a zone leaves, and where the pods of the lost one go."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.packing import NodeGroupModel, Pod
from core.availability.replicas import minimum_replicas
from core.availability.resources import Resources
from core.availability.zone_loss import (
    SYSTEM,
    Workload,
    ZoneLoss,
    ZoneModel,
    auto_headroom,
    pack_fullest_zone,
    simulate_zone_loss,
    system_headroom,
)

everything = settings(deadline=None, max_examples=150)
FREE = Resources(cpu=1440, memory=6600, pods=22)
GENERAL = frozenset(["general"])


def pod(name: str, cpu: int, memory: int = 100, *, one_per_node: bool = False) -> Pod:
    return Pod(
        name=name,
        requests=Resources(cpu=cpu, memory=memory),
        pools=GENERAL,
        one_per_node=one_per_node,
    )


def app(name: str, cpu: int, needed: int, zones: int, *, one_per_node: bool = False) -> Workload:
    minimum = minimum_replicas(needed, zones)
    return Workload(pod=pod(name, cpu, one_per_node=one_per_node), pods=minimum, needed=needed)


SYSTEM_PODS = tuple(
    Workload(pod=pod(name, cpu, memory), pods=count)
    for name, cpu, memory, count in (
        ("dns", 100, 70, 3), ("autoscaler", 100, 600, 2), ("operator", 100, 64, 1),
    )
)  # fmt: skip


def cell(apps: list[Workload], zones: int, *, most: int = 99, least: int = 0) -> ZoneModel:
    kind = NodeGroupModel(name="m7i.large", free=FREE, min=least, max=most)
    return ZoneModel(
        zones=zones,
        pools={"general": kind},
        apps=apps,
        system=SYSTEM_PODS,
        headroom={**auto_headroom(apps, zones), SYSTEM: 1},
    )


@st.composite
def cells(draw: st.DrawFn) -> ZoneModel:
    zones = draw(st.integers(2, 6))
    apps = [
        app(name, draw(st.integers(1, 1440)), draw(st.integers(1, 12)), zones,
            one_per_node=draw(st.booleans()))
        for name in draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True))
    ]  # fmt: skip
    return cell(apps, zones, least=draw(st.integers(0, 3)))


def assert_holds(loss: ZoneLoss) -> None:
    for node in loss.nodes:
        assert sum(each.requests.cpu for each in node.pods) <= FREE.cpu
        assert sum(each.requests.memory for each in node.pods) <= FREE.memory
        assert sum(each.requests.pods for each in node.pods) <= FREE.pods
        one_per_node = Counter(each.name for each in node.pods if each.one_per_node)
        assert set(one_per_node.values()) <= {1}


@everything
@given(of=cells())
def test_with_nothing_evicted_the_needed_are_left(of: ZoneModel) -> None:
    loss = simulate_zone_loss(of)
    assert loss.below_needed == []
    for each in of.apps:
        assert loss.left[each.pod.name] >= each.needed


@everything
@given(of=cells())
def test_with_everything_evicted_all_find_a_place_on_nodes_that_are_there(of: ZoneModel) -> None:
    loss = simulate_zone_loss(of)
    assert loss.unschedulable == []
    assert_holds(loss)
    names = Counter(each.name for node in loss.nodes for each in node.pods)
    for each in of.apps:
        assert names[each.pod.name] == each.pods, "a pod got lost on its way"
    assert not [each for node in loss.nodes for each in node.pods if each.headroom]


@everything
@given(of=cells())
def test_the_nodes_are_no_more_than_the_zones_had(of: ZoneModel) -> None:
    most = len(pack_fullest_zone(of).nodes)
    assert len(simulate_zone_loss(of).nodes) <= most * (of.zones - 1)


@everything
@given(of=cells())
def test_a_minimum_of_what_is_needed_leaves_too_few(of: ZoneModel) -> None:
    tight = replace(of, apps=[replace(each, pods=each.needed) for each in of.apps])
    assert simulate_zone_loss(tight).below_needed == [each.pod.name for each in of.apps]


def test_without_room_pods_of_full_nodes_wait() -> None:
    of = replace(cell([app("web", 720, 4, 3)], 3), headroom={}, system=())
    loss = simulate_zone_loss(of)
    assert loss.left == {"web": 4}
    assert loss.unschedulable == ["web", "web"], "two nodes of two zones hold two pods each"


def test_pods_that_are_bound_to_a_lost_zone_wait_for_it_and_for_no_node() -> None:
    kept = Workload(pod=pod("kept", 1440), pods=1, zone_bound=True)
    of = cell([kept, app("web", 700, 2, 3)], 3, least=1)
    assert "kept" not in of.headroom
    loss = simulate_zone_loss(replace(of, headroom={"web": 1}))
    assert "kept" not in loss.unschedulable, "no node of another zone would help"
    assert "kept" in simulate_zone_loss(
        replace(of, headroom={"web": 1}, apps=[replace(kept, zone_bound=False), of.apps[1]])
    ).unschedulable  # fmt: skip


def test_less_room_than_the_share_leaves_some_waiting() -> None:
    of = cell([app("web", 1440, 8, 3)], 3)
    assert of.headroom["web"] == 2
    less = replace(of, headroom={"web": 1}, system=())
    assert simulate_zone_loss(less).unschedulable.count("web") == 2


def test_what_waits_in_a_zone_that_is_full_is_not_counted_as_left() -> None:
    of = cell([app("web", 1000, 4, 3)], 3, most=1)
    loss = simulate_zone_loss(of)
    assert loss.below_needed == ["web"]
    assert loss.left["web"] == 2
    assert loss.unschedulable.count("web") == 4, "two that are lost, and two that waited before"


def test_the_fullest_zone_is_lost_for_every_app_at_once() -> None:
    loss = simulate_zone_loss(cell([app("a", 10, 1, 3), app("b", 10, 3, 3)], 3))
    assert Counter(loss.displaced)["a"] == 1
    assert Counter(loss.displaced)["b"] == 2, "five over three zones are two at most"
    assert loss.left == {"a": 1, "b": 3}


@everything
@given(of=cells())
def test_the_system_s_room_is_as_large_as_any_share_of_a_lost_zone_s_pods(of: ZoneModel) -> None:
    headroom = system_headroom(of.system, of.zones)
    lost = [load.pod for load in of.system for _ in range(load.pods_in_fullest_zone(of.zones))]
    assert headroom.cpu * (of.zones - 1) >= sum(each.requests.cpu for each in lost)
    assert headroom.memory * (of.zones - 1) >= sum(each.requests.memory for each in lost)
    assert headroom.memory >= max(each.requests.memory for each in lost)


def test_room_is_held_for_every_app() -> None:
    apps = [app("web", 10, 10, 3), app("cache", 10, 2, 3)]
    assert auto_headroom(apps, 3) == {"web": 3, "cache": 1}


def test_the_fullest_zone_has_its_share_up() -> None:
    packed = pack_fullest_zone(cell([app("web", 700, 3, 3)], 3))
    names = Counter(each.name for node in packed.nodes for each in node.pods if not each.headroom)
    assert names["web"] == 2
    assert names["dns"] == names["autoscaler"] == names["operator"] == 1
