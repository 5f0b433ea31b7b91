"""The CPU target leaves capacity for the load of a failed zone, and no more than that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.availability.cpu_target import cpu_target


@pytest.mark.parametrize(("zones", "target"), [(2, 45), (3, 60), (4, 67), (5, 72), (6, 75)])
def test_the_cpu_target_for_each_number_of_zones(zones: int, target: int) -> None:
    assert cpu_target(zones) == target


@settings(deadline=None, max_examples=300)
@given(zones=st.integers(2, 100))
def test_the_failure_of_a_zone_raises_the_cpu_utilization_to_90_percent(zones: int) -> None:
    raised = cpu_target(zones) * zones / (zones - 1)

    assert raised <= 90, "pods of the other zones would be overloaded"
    assert raised >= 89, "nodes would be paid for and not used"
