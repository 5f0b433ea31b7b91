"""With a zone lost, what is left carries the load; and nothing is asked for that is not needed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.replicas import (
    cpu_target,
    headroom_per_zone,
    max_unready_percentage,
    minimum_replicas,
)

zone_counts = st.integers(2, 6)
counts = st.integers(1, 5000)
everything = settings(deadline=None, max_examples=300)


def even_spread(pods: int, zones: int) -> list[int]:
    """Pods of each zone, the fullest first."""
    return [pods // zones + (zone < pods % zones) for zone in range(zones)]


def left(pods: int, zones: int, lost: int) -> int:
    """Pods that are left when a zone of the spread is lost."""
    return pods - even_spread(pods, zones)[lost]


@pytest.mark.parametrize(
    ("needed", "zones", "minimum"),
    [(1, 2, 2), (3, 2, 6), (1, 3, 2), (2, 3, 3), (3, 3, 5), (4, 3, 6), (4, 6, 5), (1000, 3, 1500)],
)
def test_the_minimum_of_some_that_can_be_counted(needed: int, zones: int, minimum: int):
    assert minimum_replicas(needed, zones) == minimum


@everything
@given(needed=counts, zones=zone_counts, data=st.data())
def test_the_needed_are_left_whichever_zone_is_lost(needed: int, zones: int, data: st.DataObject):
    minimum = minimum_replicas(needed, zones)
    spread = data.draw(st.permutations(even_spread(minimum, zones)))

    assert sum(spread) == minimum
    assert max(spread) - min(spread) <= 1
    assert [lost for lost in spread if minimum - lost < needed] == []


@everything
@given(needed=counts, zones=zone_counts, more=st.integers(0, 20))
def test_more_than_the_minimum_leaves_the_needed_too(needed: int, zones: int, more: int):
    assert left(minimum_replicas(needed, zones) + more, zones, 0) >= needed


@everything
@given(needed=counts, zones=zone_counts)
def test_one_less_than_the_minimum_would_not_do(needed: int, zones: int):
    assert left(minimum_replicas(needed, zones) - 1, zones, 0) < needed


@pytest.mark.parametrize(("zones", "target"), [(2, 45), (3, 60), (4, 67), (5, 72), (6, 75)])
def test_the_cpu_target_of_each_number_of_zones(zones: int, target: int):
    assert cpu_target(zones) == target


@everything
@given(zones=st.integers(2, 100))
def test_the_loss_of_a_zone_raises_cpu_to_90_percent_and_not_above(zones: int):
    raised = cpu_target(zones) * zones / (zones - 1)

    assert 89 <= raised <= 90


@everything
@given(minimum=st.integers(2, 5000), zones=zone_counts)
def test_headroom_in_the_other_zones_takes_the_pods_of_the_fullest(minimum: int, zones: int):
    lost = even_spread(minimum, zones)[0]

    assert headroom_per_zone(minimum, zones) * (zones - 1) >= lost


@everything
@given(minimum=st.integers(2, 5000), zones=zone_counts)
def test_less_headroom_in_each_zone_would_not_take_them(minimum: int, zones: int):
    lost = even_spread(minimum, zones)[0]

    assert (headroom_per_zone(minimum, zones) - 1) * (zones - 1) < lost


@pytest.mark.parametrize(
    ("minimum", "zones", "pods"),
    [(2, 2, 1), (6, 2, 3), (6, 3, 1), (7, 3, 2), (12, 6, 1)],
)
def test_the_headroom_of_some_that_can_be_counted(minimum: int, zones: int, pods: int):
    assert headroom_per_zone(minimum, zones) == pods


@pytest.mark.parametrize(("zones", "share"), [(2, 65), (3, 49), (4, 45), (5, 45), (6, 45)])
def test_the_unready_share_of_each_number_of_zones(zones: int, share: int):
    assert max_unready_percentage(zones) == share


@everything
@given(zones=st.integers(2, 100))
def test_the_autoscaler_works_on_when_a_zone_is_lost_and_some_nodes_more(zones: int):
    share, zone = max_unready_percentage(zones), 100 / zones

    assert share >= 45
    assert share >= zone + 15
    assert share == 45 or share < zone + 16
