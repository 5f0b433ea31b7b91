"""Tests of a zone failure: the remaining pods, and the placement of the failed zone's pods."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.failures import Failure, fail_zone
from core.availability.packing import NodeGroupModel, Pod
from core.availability.replicas import minimum_replicas
from core.availability.resources import Resources
from core.availability.zone_loss import (
    SYSTEM,
    Workload,
    ZoneModel,
    auto_headroom,
    pack_fullest_zone,
    system_headroom,
)


def remaining(loss: Failure) -> dict[str, int]:
    """Pods of each app that remain if no pod is evicted."""
    return {each.name: sum(each.during) for each in loss.apps}


def lost(loss: Failure) -> dict[str, int]:
    return {each.name: each.lost for each in loss.apps}


def waiting(loss: Failure) -> list[str]:
    """Workload of each pod that waits for a new node."""
    return [each.name for each in loss.waiting]


many_examples = settings(deadline=None, max_examples=150)
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


def zone_model(
    apps: list[Workload],
    zones: int,
    *,
    max_nodes: int = 99,
    min_nodes: int = 0,
    free: Resources = FREE,
) -> ZoneModel:
    nodes = NodeGroupModel(name="m7i.large", free=free, min=min_nodes, max=max_nodes)
    return ZoneModel(
        zones=zones,
        pools={"general": nodes},
        apps=apps,
        system=SYSTEM_PODS,
        headroom={**auto_headroom(apps, zones), SYSTEM: 1},
    )


@st.composite
def zone_models(draw: st.DrawFn, free: Resources = FREE) -> ZoneModel:
    zones = draw(st.integers(2, 6))
    apps = [
        app(name, draw(st.integers(1, 1440)), draw(st.integers(1, 12)), zones,
            one_per_node=draw(st.booleans()))
        for name in draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True))
    ]  # fmt: skip
    return zone_model(apps, zones, min_nodes=draw(st.integers(0, 3)), free=free)


def assert_no_node_is_overcommitted(loss: Failure, free: Resources = FREE) -> None:
    for node in loss.nodes:
        assert sum(each.requests.cpu for each in node.pods) <= free.cpu
        assert sum(each.requests.memory for each in node.pods) <= free.memory
        assert sum(each.requests.pods for each in node.pods) <= free.pods
        one_per_node = Counter(each.name for each in node.pods if each.one_per_node)
        assert set(one_per_node.values()) <= {1}


@many_examples
@given(model=zone_models())
def test_without_evictions_the_needed_replicas_remain(model: ZoneModel) -> None:
    loss = fail_zone(model)
    assert loss.below_needed == []
    for each in model.apps:
        assert remaining(loss)[each.pod.name] >= each.needed


MANY_PODS = replace(FREE, pods=110)
"""A node on which CPU and memory run out before the maximum number of pods."""


@many_examples
@given(model=zone_models(free=MANY_PODS))
def test_all_evicted_pods_fit_on_existing_nodes(model: ZoneModel) -> None:
    loss = fail_zone(model)
    assert waiting(loss) == []
    assert_no_node_is_overcommitted(loss, MANY_PODS)
    assert_every_app_runs_completely(model, loss)


@many_examples
@given(model=zone_models())
def test_all_evicted_app_pods_fit_on_nodes_that_run_few_pods(model: ZoneModel) -> None:
    loss = fail_zone(model)
    assert {*waiting(loss)} <= {load.pod.name for load in model.system}
    if waiting(loss):
        assert min(node.free.pods for node in loss.nodes) == 0, "a node has CPU, memory and a slot"
    assert_no_node_is_overcommitted(loss)
    assert_every_app_runs_completely(model, loss)


def test_system_headroom_reserves_cpu_and_memory_and_one_pod_of_the_maximum() -> None:
    small = app("a", 1, 9, 2)
    loss = fail_zone(zone_model([small], 2))
    assert waiting(loss) == ["dns", "operator"], "a node of 22 pods has one slot for four pods"
    assert waiting(fail_zone(zone_model([small], 2, free=MANY_PODS))) == []


def assert_every_app_runs_completely(model: ZoneModel, loss: Failure) -> None:
    names = Counter(each.name for node in loss.nodes for each in node.pods)
    for each in model.apps:
        assert names[each.pod.name] == each.pods, "the simulation lost a pod"
    assert not [each for node in loss.nodes for each in node.pods if each.headroom]


@many_examples
@given(model=zone_models())
def test_the_failure_of_a_zone_adds_no_node(model: ZoneModel) -> None:
    per_zone = len(pack_fullest_zone(model).nodes)
    assert len(fail_zone(model).nodes) <= per_zone * (model.zones - 1)


@many_examples
@given(model=zone_models())
def test_the_needed_replicas_as_minimum_are_too_few(model: ZoneModel) -> None:
    tight = replace(model, apps=[replace(each, pods=each.needed) for each in model.apps])
    assert fail_zone(tight).below_needed == [each.pod.name for each in model.apps]


def test_without_headroom_pods_wait_for_new_nodes_if_the_nodes_are_full() -> None:
    model = replace(zone_model([app("web", 720, 4, 3)], 3), headroom={}, system=())
    loss = fail_zone(model)
    assert remaining(loss) == {"web": 4}
    assert waiting(loss) == ["web", "web"], "two nodes in two zones run two pods each"


def test_zone_bound_pods_of_a_failed_zone_wait_for_their_zone_and_for_no_node() -> None:
    bound = Workload(pod=pod("database", 1440), pods=1, zone_bound=True)
    model = zone_model([bound, app("web", 700, 2, 3)], 3, min_nodes=1)
    assert "database" not in model.headroom
    loss = fail_zone(replace(model, headroom={"web": 1}))
    assert "database" not in waiting(loss), "a node in another zone would not help"
    free = replace(bound, zone_bound=False)
    moving = replace(model, headroom={"web": 1}, apps=[free, model.apps[1]])
    assert "database" in waiting(fail_zone(moving))


def test_headroom_below_the_required_headroom_leaves_pods_pending() -> None:
    model = zone_model([app("web", 1440, 8, 3)], 3)
    assert model.headroom["web"] == 2
    less = replace(model, headroom={"web": 1}, system=())
    assert waiting(fail_zone(less)).count("web") == 2


def test_pods_that_were_pending_before_the_failure_do_not_count_as_remaining() -> None:
    model = zone_model([app("web", 1000, 4, 3)], 3, max_nodes=1)
    loss = fail_zone(model)
    assert loss.below_needed == ["web"]
    assert remaining(loss)["web"] == 2
    assert waiting(loss).count("web") == 4, "two of the failed zone, two pending before"


def test_the_fullest_zone_fails_for_every_app_at_once() -> None:
    loss = fail_zone(zone_model([app("a", 10, 1, 3), app("b", 10, 3, 3)], 3))
    assert lost(loss)["a"] == 1
    assert lost(loss)["b"] == 2, "five pods in three zones: two in the fullest"
    assert remaining(loss) == {"a": 1, "b": 3}


@many_examples
@given(model=zone_models())
def test_system_headroom_fits_any_share_of_the_system_pods_of_a_failed_zone(
    model: ZoneModel,
) -> None:
    headroom = system_headroom(model.system, model.zones)
    lost = [
        load.pod for load in model.system for _ in range(load.pods_in_fullest_zone(model.zones))
    ]
    assert headroom.cpu * (model.zones - 1) >= sum(each.requests.cpu for each in lost)
    assert headroom.memory * (model.zones - 1) >= sum(each.requests.memory for each in lost)
    assert headroom.memory >= max(each.requests.memory for each in lost)


def test_every_app_that_can_start_in_another_zone_has_headroom() -> None:
    apps = [app("web", 10, 10, 3), app("cache", 10, 2, 3)]
    bound = Workload(pod=pod("database", 10), pods=1, zone_bound=True)
    assert auto_headroom([*apps, bound], 3) == {"web": 3, "cache": 1}


def test_the_fullest_zone_runs_its_share_of_every_workload() -> None:
    packing = pack_fullest_zone(zone_model([app("web", 700, 3, 3)], 3))
    names = Counter(each.name for node in packing.nodes for each in node.pods if not each.headroom)
    assert names["web"] == 2
    assert names["dns"] == names["autoscaler"] == names["operator"] == 1
