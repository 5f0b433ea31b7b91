"""Pods on nodes: nothing is put where it may not be, and nothing waits for what could be had."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.packing import Node, NodeGroupModel, Pod, pack, reschedule
from core.availability.resources import Resources

everything = settings(deadline=None, max_examples=200)

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
some = st.lists(pods, max_size=12)


def kind(cpu: int = 1000, memory: int = 1000, slots: int = 5, least: int = 0, most: int = 99):
    free = Resources(cpu=cpu, memory=memory, pods=slots)
    return NodeGroupModel(name="a type", free=free, min=least, max=most)


KINDS = {"p": kind(), "q": kind(cpu=2000, memory=1500, slots=3, least=1, most=4)}


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


def assert_holds(nodes: Sequence[Node]) -> None:
    """Every node holds what it has room for, and what may be on it."""
    for node in nodes:
        has = KINDS[node.pool].free
        assert sum(each.requests.cpu for each in node.pods) <= has.cpu
        assert sum(each.requests.memory for each in node.pods) <= has.memory
        assert len(node.pods) <= has.pods
        for each in node.pods:
            assert node.pool in each.pools
            same = [other for other in node.pods if other.name == each.name]
            assert not each.one_per_node or same[0] is each or not same[0].one_per_node


def placed(nodes: Sequence[Node]) -> list[Pod]:
    return [each for node in nodes for each in node.pods]


@everything
@given(wanted=some)
def test_every_pod_is_on_a_node_that_takes_it_or_waits(wanted: list[Pod]) -> None:
    packed = pack(wanted, KINDS)
    assert_holds(packed.nodes)
    assert Counter([*placed(packed.nodes), *packed.pending]) == Counter(wanted)


@everything
@given(wanted=some)
def test_a_pool_has_its_minimum_and_never_more_than_its_maximum(wanted: list[Pod]) -> None:
    packed = pack(wanted, KINDS)
    for name, each in KINDS.items():
        assert each.min <= packed.count(name) <= each.max


@everything
@given(wanted=some)
def test_no_pod_waits_that_a_node_could_take(wanted: list[Pod]) -> None:
    packed = pack(wanted, KINDS)
    for waiting in packed.pending:
        assert not [node for node in packed.nodes if node.accepts(waiting)]
        for name in waiting.pools:
            full = packed.count(name) == KINDS[name].max
            assert full or not waiting.requests.fits(KINDS[name].free)


@everything
@given(wanted=some)
def test_no_node_came_for_nothing(wanted: list[Pod]) -> None:
    for name, each in KINDS.items():
        empty = [node for node in pack(wanted, KINDS).nodes if node.pool == name and not node.pods]
        assert len(empty) <= each.min


@everything
@given(there=some, come=some)
def test_what_settles_is_on_nodes_that_were_there(there: list[Pod], come: list[Pod]) -> None:
    packed = pack(there, KINDS)
    before = len(packed.nodes)
    stay = [each for each in placed(packed.nodes) if not each.headroom]
    waiting = reschedule(come, packed.nodes)
    assert len(packed.nodes) == before
    assert_holds(packed.nodes)
    now = placed(packed.nodes)
    assert Counter(now) == Counter([*stay, *_without(come, waiting)])


def _without(come: list[Pod], waiting: Sequence[Pod]) -> list[Pod]:
    left = list(come)
    for each in waiting:
        left.remove(each)
    return left


@everything
@given(
    kinds=st.lists(
        pods.filter(lambda each: not each.headroom), max_size=3, unique_by=lambda p: p.name
    ),
    counts=st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
def test_room_for_each_pod_takes_all_of_them(kinds: list[Pod], counts: list[int]) -> None:
    wanted = [each for each, count in zip(kinds, counts, strict=False) for _ in range(count)]
    packed = pack(
        [replace(each, headroom=True) for each in wanted], {name: kind() for name in KINDS}
    )
    assert packed.pending == []
    assert reschedule(wanted, packed.nodes) == []


def test_the_largest_come_first_and_the_small_ones_beside_them() -> None:
    packed = pack([pod(cpu=400), pod(cpu=600), pod(cpu=600), pod(cpu=400)], {"p": kind()})
    assert [[each.requests.cpu for each in node.pods] for node in packed.nodes] == [[600, 400]] * 2


def test_pods_that_are_alike_share_a_node_as_long_as_it_has_room() -> None:
    packed = pack([pod(cpu=400)] * 3, {"p": kind()})
    assert [len(node.pods) for node in packed.nodes] == [2, 1]


def test_those_that_stay_alone_each_have_a_node() -> None:
    packed = pack(
        [pod(one_per_node=True), pod(one_per_node=True, headroom=True), pod("b")], {"p": kind()}
    )
    assert [[each.name for each in node.pods] for node in packed.nodes] == [["a", "b"], ["a"]]


def test_a_node_comes_of_the_pool_that_is_left_least_of() -> None:
    both = Pod(name="a", requests=Resources(cpu=900, memory=900), pools=frozenset("pq"))
    kinds = {"q": kind(cpu=2000, memory=2000), "p": kind()}
    assert [node.pool for node in pack([both], kinds).nodes] == ["p"]


def test_what_stands_for_several_goes_to_where_there_is_place_for_each() -> None:
    small = {"p": kind(slots=2)}
    packed = pack([pod("system", cpu=300, headroom=True), pod("a", cpu=700), pod("b")], small)
    parts = tuple(pod(name, cpu=100) for name in "xyz")
    together = replace(pod("system", cpu=300), requests=Resources(cpu=300, memory=0, pods=3))
    assert reschedule([replace(together, parts=parts)], packed.nodes) == [parts[2]]
    names = sorted(each.name for node in packed.nodes for each in node.pods)
    assert names == ["a", "b", "x", "y"], "two places are left on two nodes of two each"


def test_room_of_others_gives_way_last() -> None:
    packed = pack(
        [pod("b", cpu=900, headroom=True), pod("a", cpu=900, headroom=True)], {"p": kind()}
    )
    assert reschedule([pod("a", cpu=900)], packed.nodes) == []
    assert [[each.name for each in node.pods] for node in packed.nodes] in (
        [["a"], []],
        [[], ["a"]],
    )
    assert reschedule([pod("c", cpu=900), pod("d", cpu=900)], packed.nodes) == [pod("d", cpu=900)]
