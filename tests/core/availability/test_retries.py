"""Retries of controllers after refused requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.availability.retries import LONGEST_RETRY, seconds_to_retry


@given(st.floats(0.1, 5000))
def test_the_next_attempt_comes_within_the_computed_time(refused: float) -> None:
    wait, attempt = 0.005, 0.0
    while attempt < refused:
        attempt += wait
        wait = min(2 * wait, LONGEST_RETRY)
    assert attempt - refused <= seconds_to_retry(refused) + 0.005


@pytest.mark.parametrize(("refused", "seconds"), [(10, 10), (3600, 1000)])
def test_a_failure_of_an_hour_delays_the_next_attempt_by_a_quarter_of_an_hour(
    refused: int, seconds: int
) -> None:
    assert seconds_to_retry(refused) == seconds
