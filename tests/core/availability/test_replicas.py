"""Tests of replicas and headroom: they suffice if a zone fails, and one less does not."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.replicas import (
    headroom_per_zone,
    max_unready_percentage,
    minimum_replicas,
    redistributed,
    remaining_during_rollout,
)

zone_counts = st.integers(2, 6)
counts = st.integers(1, 5000)
many_examples = settings(deadline=None, max_examples=300)


def even_spread(pods: int, zones: int) -> list[int]:
    """Returns the pods of each zone, the fullest zone first."""
    return [pods // zones + (zone < pods % zones) for zone in range(zones)]


def remaining(pods: int, zones: int, failed: int) -> int:
    """Returns the pods that remain if one zone of the spread fails."""
    return pods - even_spread(pods, zones)[failed]


@pytest.mark.parametrize(
    ("needed", "zones", "minimum"),
    [(1, 2, 2), (3, 2, 6), (1, 3, 2), (2, 3, 3), (3, 3, 5), (4, 3, 6), (4, 6, 5), (1000, 3, 1500)],
)
def test_minimum_replicas_of_countable_examples(needed: int, zones: int, minimum: int) -> None:
    assert minimum_replicas(needed, zones) == minimum


@many_examples
@given(needed=counts, zones=zone_counts, data=st.data())
def test_the_needed_replicas_remain_whichever_zone_fails(
    needed: int, zones: int, data: st.DataObject
) -> None:
    minimum = minimum_replicas(needed, zones)
    spread = data.draw(st.permutations(even_spread(minimum, zones)))

    assert sum(spread) == minimum
    assert max(spread) - min(spread) <= 1
    assert [lost for lost in spread if minimum - lost < needed] == []


@many_examples
@given(needed=counts, zones=zone_counts, more=st.integers(0, 20))
def test_the_needed_replicas_remain_above_the_minimum_as_well(
    needed: int, zones: int, more: int
) -> None:
    assert remaining(minimum_replicas(needed, zones) + more, zones, 0) >= needed


@many_examples
@given(needed=counts, zones=zone_counts)
def test_one_replica_below_the_minimum_is_too_few(needed: int, zones: int) -> None:
    assert remaining(minimum_replicas(needed, zones) - 1, zones, 0) < needed


@many_examples
@given(minimum=st.integers(2, 5000), zones=zone_counts)
def test_headroom_of_the_other_zones_fits_the_pods_of_the_fullest_zone(
    minimum: int, zones: int
) -> None:
    lost = even_spread(minimum, zones)[0]

    assert headroom_per_zone(minimum, zones) * (zones - 1) >= lost


@many_examples
@given(minimum=st.integers(2, 5000), zones=zone_counts)
def test_headroom_for_one_pod_less_per_zone_is_too_small(minimum: int, zones: int) -> None:
    lost = even_spread(minimum, zones)[0]

    assert (headroom_per_zone(minimum, zones) - 1) * (zones - 1) < lost


@pytest.mark.parametrize(
    ("minimum", "zones", "pods"),
    [(2, 2, 1), (6, 2, 3), (6, 3, 1), (7, 3, 2), (12, 6, 1)],
)
def test_headroom_of_countable_examples(minimum: int, zones: int, pods: int) -> None:
    assert headroom_per_zone(minimum, zones) == pods


@many_examples
@given(per_zone=counts, zones=zone_counts, data=st.data())
def test_zones_in_service_have_the_nodes_of_all_zones(
    per_zone: int, zones: int, data: st.DataObject
) -> None:
    zones_in = data.draw(st.integers(1, zones))
    each = redistributed(per_zone, zones, zones_in)

    assert each * zones_in >= per_zone * zones
    assert (each - 1) * zones_in < per_zone * zones, "a node per zone would be paid for and idle"


@pytest.mark.parametrize(("zones", "percentage"), [(2, 65), (3, 65), (4, 49), (5, 45), (6, 45)])
def test_the_unready_percentage_for_each_number_of_zones(zones: int, percentage: int) -> None:
    assert max_unready_percentage(zones) == percentage


@many_examples
@given(zones=st.integers(2, 100))
def test_the_autoscaler_continues_if_a_zone_fails_while_another_one_is_out(zones: int) -> None:
    percentage, zone = max_unready_percentage(zones), 100 / max(2, zones - 1)

    assert percentage >= 45
    assert percentage >= zone + 15
    assert percentage == 45 or percentage < zone + 16


def moments(minimum: int, zones: int, surge: int) -> Iterator[list[int]]:
    """Yields the serving pods by zone at each moment of a rollout.

    Old pods of the other zones are removed first. Of the new pods, which are created in turn over
    the zones, those of the first zone become ready first.
    """
    for ready in range(minimum + 1):
        old, new = even_spread(minimum, zones), [0] * zones
        for _ in range(ready):
            removed = next(each for each in (*range(1, zones), 0) if old[each])
            old[removed] -= 1
        created = even_spread(min(minimum, ready + surge), zones)
        for zone in range(zones):
            new[zone] = min(created[zone], ready - sum(new))
        yield [sum(pair) for pair in zip(old, new, strict=True)]


@many_examples
@given(minimum=st.integers(2, 60), zones=zone_counts, surge=st.integers(1, 6))
def test_a_zone_failure_during_a_rollout_leaves_the_computed_replicas(
    minimum: int, zones: int, surge: int
) -> None:
    lowest = min(sum(pods) - pods[0] for pods in moments(minimum, zones, surge))
    assert lowest == remaining_during_rollout(minimum, zones, surge)


@pytest.mark.parametrize(
    ("needed", "zones", "remaining"), [(4, 3, 2), (2, 3, 1), (1, 2, 0), (100, 3, 65)]
)
def test_a_zone_failure_during_a_rollout_can_leave_fewer_than_needed(
    needed: int, zones: int, remaining: int
) -> None:
    assert remaining_during_rollout(minimum_replicas(needed, zones), zones, zones) == remaining
