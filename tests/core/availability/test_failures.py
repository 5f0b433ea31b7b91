"""Tests of failures of nodes, with the zones, nodes and headroom of a small cell by hand."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.availability.failures import Failure, Outcome, cell_at_rest, fail, fail_zone
from core.availability.zone_loss import SYSTEM, Workload, ZoneModel
from core.availability.zone_proof import Scenario, zone_loss_proof
from tests.core.availability.test_zone_loss import app, many_examples, pod, zone_model, zone_models

ZONES = ("a", "b", "c")
SIX = replace(app("web", 720, 4, 3), strict=True)
"""Six pods of half a node in three zones; four are needed."""


def cell_of(*apps: Workload, headroom: int = 0, zones: int = 3) -> ZoneModel:
    """Returns a cell without system pods, whose nodes hold two pods of SIX."""
    model = zone_model([*apps], max(2, zones))
    reserved = {each.pod.name: headroom for each in apps}
    return replace(model, zones=zones, system=(), headroom=reserved)


def outcome(failure: Failure, name: str = "web") -> Outcome:
    [found] = [each for each in failure.outcomes if each.name == name]
    return found


def scenario(model: ZoneModel, kind: str, *, spot: str = "") -> Scenario:
    proof = zone_loss_proof(model, ZONES[: model.zones], spot=[spot])
    [found] = [each for each in proof.others if each.kind == kind]
    return found


def test_pods_before_during_and_after_the_loss_of_a_zone() -> None:
    web = outcome(fail_zone(cell_of(SIX, headroom=1)))
    assert (web.before, web.during, web.after) == ([2, 2, 2], [0, 2, 2], [0, 3, 3])
    assert (web.lost, web.on_own_headroom, web.pending) == (2, 2, 0)
    assert web.has_needed
    assert web.has_majority


def test_without_headroom_both_lost_pods_wait_for_cpu() -> None:
    failure = fail_zone(cell_of(SIX))
    web = outcome(failure)
    assert (web.after, web.pending, web.shortages) == ([0, 2, 2], 2, {"CPU"})
    assert len(failure.waiting) == 2
    assert not failure.starts


def test_evicted_pods_of_a_strict_spread_start_where_the_fewest_run() -> None:
    """Seven pods: three fail, two zones have two each, and headroom for two each."""
    seven = replace(SIX, pods=7)
    web = outcome(fail_zone(cell_of(seven, headroom=2)))
    assert web.before == [3, 2, 2]
    assert web.after == [0, 4, 3]


def test_more_headroom_than_required_leaves_a_strict_spread_even() -> None:
    strict, preferred = (
        outcome(fail_zone(cell_of(each, headroom=2))) for each in (SIX, replace(SIX, strict=False))
    )
    assert strict.after == [0, 3, 3]
    assert preferred.after == [0, 2, 4], "the last placeholders are replaced first"


def test_pods_of_a_lost_node_start_again_in_their_zone_if_the_spread_is_strict() -> None:
    node = scenario(cell_of(SIX, headroom=1), "node").failure
    web = outcome(node)
    assert (web.before, web.during) == ([2, 2, 2], [0, 2, 2])
    assert web.after == [2, 2, 2], "one on headroom, one beside it"
    assert (web.on_own_headroom, web.pending) == (1, 0)
    without = outcome(scenario(cell_of(SIX), "node").failure)
    assert without.after == [0, 2, 2], "no node of the zone is left, so the others are full"
    assert (without.pending, without.shortages) == (2, {"CPU"})


def test_the_largest_node_is_the_one_whose_pods_request_most() -> None:
    small = replace(SIX, pod=pod("small", 10))
    cell = cell_of(SIX, replace(small, pods=3))
    assert outcome(scenario(cell, "node").failure).lost == 2
    assert scenario(cell, "node").failure.failed == 1


def test_60_percent_of_three_nodes_are_two_and_kubernetes_evicts_their_pods() -> None:
    cell = cell_of(replace(app("web", 1440, 6, 3), strict=True))
    part = scenario(cell, "part of a zone")
    assert part.failure.failed == 2
    assert outcome(part.failure).lost == 2
    assert part.eviction


def test_60_percent_of_five_nodes_are_three_and_kubernetes_leaves_their_pods() -> None:
    cell = cell_of(app("web", 1440, 10, 3))
    part = scenario(cell, "part of a zone")
    assert (part.failure.failed, part.eviction) == (3, False)


def test_a_zone_of_two_nodes_has_no_part() -> None:
    proof = zone_loss_proof(cell_of(app("web", 1440, 4, 3)), ZONES)
    assert [each.kind for each in proof.others] == ["node", "two zones"]


def test_two_zones_leave_a_third_of_the_pods() -> None:
    both = scenario(cell_of(SIX, headroom=1), "two zones")
    assert both.lost_zones == ["a", "b"]
    assert outcome(both.failure).during == [0, 0, 2]
    assert both.failure.below_needed == ["web"]
    assert not outcome(both.failure).has_majority


def test_two_zones_are_the_pair_whose_loss_leaves_the_fewest_pods() -> None:
    """Five pods: 2, 2 and 1 in the zones, or 2, 1 and 2 for the second app."""
    for turn in (0, 1):
        five = [replace(SIX, pod=pod("web", 700), pods=5, needed=2)]
        others = [replace(SIX, pod=pod("other", 10), pods=3, needed=0)] * turn
        both = scenario(cell_of(*others, *five), "two zones")
        assert outcome(both.failure).during in ([0, 0, 1], [0, 1, 0])
        assert both.lost_zones == ["a", "bc"[outcome(both.failure).during[1]]]
        assert both.failure.below_needed == ["web"]


def test_an_interruption_of_a_spot_pool_moves_its_pods_to_other_pools() -> None:
    model = cell_of(SIX)
    node = model.pools["general"]
    spot = replace(node, free=replace(node.free, cpu=300))
    free = Workload(pod=replace(pod("free", 300), pools=frozenset(["general", "spot"])), pods=3)
    both = replace(model, pools={"general": replace(node, max=1), "spot": spot}, apps=[free])
    failure = scenario(both, "spot pool", spot="spot").failure
    assert failure.failed == 3
    assert outcome(failure, "free").during == [0, 0, 0]
    assert outcome(failure, "free").pending == 3, "no on-demand node runs at rest"
    spare = replace(both, pools={"general": replace(node, min=1), "spot": spot})
    kinds = [each.kind for each in zone_loss_proof(spare, ZONES, spot=["spot"]).others]
    assert kinds == ["node", "two zones"], "the pods run on-demand, and the spot pool is empty"


def test_a_pod_with_a_volume_waits_for_its_zone_and_returns_after_the_loss_of_its_node() -> None:
    bound = Workload(pod=pod("db", 100), pods=1, zone_bound=True, kind="singleton")
    cell = cell_of(SIX, bound)
    lost = fail_zone(cell)
    assert (outcome(lost, "db").pending, outcome(lost, "db").shortages) == (1, {"zone"})
    assert lost.zone_bound == ["db"]
    assert "db" not in [each.name for each in lost.waiting], "no new node would help"
    on_node = fail(cell, cell_at_rest(cell), [0, 1])
    assert on_node.failed == 2
    moved = zone_loss_proof(replace(cell, pools={
        "general": replace(cell.pools["general"], min=3)
    }), ZONES).others[0].failure  # fmt: skip
    assert outcome(moved, "db").after == [1, 0, 0]


def test_system_pods_start_on_their_headroom() -> None:
    failure = fail_zone(zone_model([app("web", 700, 2, 3)], 3))
    dns = outcome(failure, "dns")
    assert (dns.kind, dns.before, dns.during) == ("system", [1, 1, 1], [0, 1, 1])
    assert (sum(dns.after), dns.on_own_headroom) == (3, 1)
    assert all(each.pod.name != SYSTEM for each in failure.starts)
    zones = {each.node.zone for each in failure.starts if each.pod.name != "web"}
    assert zones == {1, 2}, "each of the other zones has headroom for a share"


def test_a_cell_with_one_zone_in_service_has_no_failover() -> None:
    proof = zone_loss_proof(cell_of(SIX, zones=1), ["a"])
    assert proof.zones == []
    assert not proof.holds
    assert [each.kind for each in proof.others] == ["node", "part of a zone"]


def test_each_zone_is_proven_with_its_further_effects() -> None:
    proof = zone_loss_proof(cell_of(SIX, headroom=1), ZONES, also={"b": ["no NAT"]})
    assert [each.lost_zones for each in proof.zones] == [["a"], ["b"], ["c"]]
    assert [each.zones[0] for each in proof.zones] == ["a", "b", "c"]
    assert [each.also for each in proof.zones] == [(), ["no NAT"], ()]
    assert proof.holds
    assert not proof.complete, "a NAT gateway fails with a zone"
    assert zone_loss_proof(cell_of(SIX, headroom=1), ZONES).complete
    assert not zone_loss_proof(cell_of(SIX), ZONES).complete
    assert not zone_loss_proof(cell_of(replace(SIX, pods=4)), ZONES).holds


@many_examples
@given(model=zone_models(), strict=st.booleans())
def test_every_pod_is_left_lost_started_or_pending(model: ZoneModel, strict: bool) -> None:
    model = replace(model, apps=[replace(each, strict=strict) for each in model.apps])
    zones = [str(zone) for zone in range(model.zones)]
    proof = zone_loss_proof(model, zones)
    for each in (*proof.zones, *proof.others):
        failure = each.failure
        started = Counter(start.pod.name for start in failure.starts)
        for load, found in zip((*model.apps, *model.system), failure.outcomes, strict=True):
            assert found.lost + sum(found.during) == sum(found.before)
            assert sum(found.after) - sum(found.during) == started[found.name] <= found.lost
            assert sum(found.after) + found.pending == load.pods
            assert found.on_own_headroom <= started[found.name]
            if each.kind == "zone" and strict and load in model.apps and not found.pending:
                assert max(found.after[1:]) - min(found.after[1:]) <= 1, "the spread is strict"
        assert len(failure.starts) + len(failure.waiting) >= failure.lost
