"""How soon a pod counts, and how soon it counts no more."""

from hypothesis import given
from hypothesis import strategies as st

from core.availability.health_checks import (
    DEAD,
    FAILED,
    INTERVAL,
    PASSED,
    TIMEOUT,
    counted,
    progress_deadline,
    rollout,
)

startups = st.integers(5, 1800)


def test_the_figures_are_what_a_load_balancer_takes():
    assert 5 <= INTERVAL <= 300
    assert 2 <= TIMEOUT < INTERVAL
    assert 2 <= PASSED <= 10
    assert 2 <= FAILED <= 10


def test_a_dead_target_gets_nothing_more_once_its_last_check_has_timed_out():
    assert DEAD == 14


def test_a_pod_counts_once_all_three_have_seen_it():
    assert counted(60) == 60 + 9 + 15


@given(startup=startups, node=st.integers(240, 840))
def test_a_rolling_update_waits_for_a_node_and_for_all_that_comes_after(startup: int, node: int):
    assert progress_deadline(startup=startup, node=node) >= node + counted(startup)


def test_a_rolling_update_takes_as_many_rounds_as_it_takes():
    one = rollout(pods=3, at_once=3, startup=60, drain=45, node=600)
    two = rollout(pods=4, at_once=3, startup=60, drain=45, node=600)

    assert two - one == one - progress_deadline(startup=60, node=600)
    assert two - one >= counted(60) + 45
