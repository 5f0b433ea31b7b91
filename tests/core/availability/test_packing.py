"""Tests of packing: pods run only on nodes that accept them, and are pending only if none does."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.packing import Node, NodeGroupModel, Pod, pack
from core.availability.rescheduling import reschedule
from core.availability.resources import Resources

many_examples = settings(deadline=None, max_examples=200)

amounts = st.builds(
    Resources,
    cpu=st.integers(0, 900),
    memory=st.integers(0, 900),
    pods=st.just(1),
)
pods = st.builds(
    Pod,
    name=st.sampled_from("abc"),
    requests=amounts,
    pools=st.frozensets(st.sampled_from(["p", "q"]), min_size=1),
    one_per_node=st.booleans(),
    headroom=st.booleans(),
)
pod_lists = st.lists(pods, max_size=12)


def group(
    cpu: int = 1000, memory: int = 1000, max_pods: int = 5, min_nodes: int = 0, max_nodes: int = 99
):
    free = Resources(cpu=cpu, memory=memory, pods=max_pods)
    return NodeGroupModel(name="a type", free=free, min=min_nodes, max=max_nodes)


GROUPS = {"p": group(), "q": group(cpu=2000, memory=1500, max_pods=3, min_nodes=1, max_nodes=4)}


def pod(
    name: str = "a",
    cpu: int = 0,
    memory: int = 0,
    *,
    one_per_node: bool = False,
    headroom: bool = False,
):
    requests = Resources(cpu=cpu, memory=memory)
    return Pod(
        name=name,
        requests=requests,
        pools=frozenset("p"),
        one_per_node=one_per_node,
        headroom=headroom,
    )


def assert_no_node_is_overcommitted(nodes: Sequence[Node]) -> None:
    """Every node runs only pods that fit and that it may run."""
    for node in nodes:
        has = GROUPS[node.pool].free
        assert sum(each.requests.cpu for each in node.pods) <= has.cpu
        assert sum(each.requests.memory for each in node.pods) <= has.memory
        assert len(node.pods) <= has.pods
        for each in node.pods:
            assert node.pool in each.pools
            same = [other for other in node.pods if other.name == each.name]
            assert not each.one_per_node or same[0] is each or not same[0].one_per_node


def placed(nodes: Sequence[Node]) -> list[Pod]:
    return [each for node in nodes for each in node.pods]


@many_examples
@given(wanted=pod_lists)
def test_every_pod_runs_on_a_node_that_accepts_it_or_is_pending(wanted: list[Pod]) -> None:
    packing = pack(wanted, GROUPS)
    assert_no_node_is_overcommitted(packing.nodes)
    assert Counter([*placed(packing.nodes), *packing.pending]) == Counter(wanted)


@many_examples
@given(wanted=pod_lists)
def test_a_pool_has_at_least_its_minimum_and_at_most_its_maximum(
    wanted: list[Pod],
) -> None:
    packing = pack(wanted, GROUPS)
    for name, each in GROUPS.items():
        assert each.min <= packing.count(name) <= each.max


@many_examples
@given(wanted=pod_lists)
def test_no_pod_is_pending_that_a_node_could_run(wanted: list[Pod]) -> None:
    packing = pack(wanted, GROUPS)
    for pending in packing.pending:
        assert not [node for node in packing.nodes if node.accepts(pending)]
        for name in pending.pools:
            full = packing.count(name) == GROUPS[name].max
            assert full or not pending.requests.fits(GROUPS[name].free)


@many_examples
@given(wanted=pod_lists)
def test_no_node_is_added_without_a_pod(wanted: list[Pod]) -> None:
    for name, each in GROUPS.items():
        empty = [node for node in pack(wanted, GROUPS).nodes if node.pool == name and not node.pods]
        assert len(empty) <= each.min


@many_examples
@given(existing=pod_lists, new=pod_lists)
def test_pods_are_rescheduled_on_existing_nodes_only(existing: list[Pod], new: list[Pod]) -> None:
    packing = pack(existing, GROUPS)
    before = len(packing.nodes)
    apps = [each for each in placed(packing.nodes) if not each.headroom]
    unschedulable = reschedule(new, packing.nodes).pending
    assert len(packing.nodes) == before
    assert_no_node_is_overcommitted(packing.nodes)
    placed_now = placed(packing.nodes)
    assert Counter(placed_now) == Counter([*apps, *_without(new, unschedulable)])


def _without(pods: list[Pod], unschedulable: Sequence[Pod]) -> list[Pod]:
    remaining = list(pods)
    for each in unschedulable:
        remaining.remove(each)
    return remaining


@many_examples
@given(
    groups=st.lists(
        pods.filter(lambda each: not each.headroom), max_size=3, unique_by=lambda p: p.name
    ),
    counts=st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
def test_headroom_for_each_pod_fits_all_pods(groups: list[Pod], counts: list[int]) -> None:
    wanted = [each for each, count in zip(groups, counts, strict=False) for _ in range(count)]
    packing = pack(
        [replace(each, headroom=True) for each in wanted], {name: group() for name in GROUPS}
    )
    assert packing.pending == []
    assert reschedule(wanted, packing.nodes).pending == []


def test_the_largest_pods_are_placed_first_and_small_pods_beside_them() -> None:
    packing = pack([pod(cpu=400), pod(cpu=600), pod(cpu=600), pod(cpu=400)], {"p": group()})
    assert [[each.requests.cpu for each in node.pods] for node in packing.nodes] == [[600, 400]] * 2


def test_equal_pods_share_a_node_as_long_as_they_fit() -> None:
    packing = pack([pod(cpu=400)] * 3, {"p": group()})
    assert [len(node.pods) for node in packing.nodes] == [2, 1]


def test_pods_with_one_pod_per_node_each_have_a_node() -> None:
    packing = pack(
        [pod(one_per_node=True), pod(one_per_node=True, headroom=True), pod("b")], {"p": group()}
    )
    assert [[each.name for each in node.pods] for node in packing.nodes] == [["a", "b"], ["a"]]


def test_a_new_node_is_of_the_pool_with_the_least_capacity_left() -> None:
    both = Pod(name="a", requests=Resources(cpu=900, memory=900), pools=frozenset("pq"))
    groups = {"q": group(cpu=2000, memory=2000), "p": group()}
    assert [node.pool for node in pack([both], groups).nodes] == ["p"]


def test_the_parts_of_a_pod_are_placed_one_by_one() -> None:
    small = {"p": group(max_pods=2)}
    packing = pack([pod("system", cpu=300, headroom=True), pod("a", cpu=700), pod("b")], small)
    parts = tuple(pod(name, cpu=100) for name in "xyz")
    whole = replace(pod("system", cpu=300), requests=Resources(cpu=300, memory=0, pods=3))
    assert reschedule([replace(whole, parts=parts)], packing.nodes).pending == [parts[2]]
    names = sorted(each.name for node in packing.nodes for each in node.pods)
    assert names == ["a", "b", "x", "y"], "two nodes have capacity for two pods each"


def test_headroom_of_other_workloads_is_preempted_last() -> None:
    packing = pack(
        [pod("b", cpu=900, headroom=True), pod("a", cpu=900, headroom=True)], {"p": group()}
    )
    assert reschedule([pod("a", cpu=900)], packing.nodes).pending == []
    assert [[each.name for each in node.pods] for node in packing.nodes] in (
        [["a"], []],
        [[], ["a"]],
    )
    assert reschedule([pod("c", cpu=900), pod("d", cpu=900)], packing.nodes).pending == [
        pod("d", cpu=900)
    ]


def test_a_node_runs_as_many_pods_as_it_has_accelerators() -> None:
    two = replace(group(), free=Resources(cpu=1000, memory=1000, accelerators=2, pods=9))
    accelerated = replace(pod("a", cpu=10), requests=Resources(cpu=10, memory=0, accelerators=1))
    packing = pack([accelerated] * 5 + [pod("b", cpu=10)], {"p": two})
    assert packing.count("p") == 3, "CPU would suffice for all pods on one node"
    assert not packing.pending
    assert not pack([pod("b")], {"p": two}).pending

    three = replace(accelerated, requests=Resources(cpu=10, memory=0, accelerators=3))
    assert pack([three], {"p": two}).pending == [three]
