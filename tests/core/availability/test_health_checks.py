"""Time until a new pod receives traffic, and until an unresponsive pod receives none."""

from hypothesis import given
from hypothesis import strategies as st

from core.availability.health_checks import (
    HEALTHY_THRESHOLD,
    INTERVAL,
    SECONDS_UNTIL_UNHEALTHY,
    TIMEOUT,
    UNHEALTHY_THRESHOLD,
    progress_deadline,
    rollout_seconds,
    seconds_until_ready,
)

startups = st.integers(5, 1800)


def test_the_settings_are_in_the_range_of_a_load_balancer():
    assert 5 <= INTERVAL <= 300
    assert 2 <= TIMEOUT < INTERVAL
    assert 2 <= HEALTHY_THRESHOLD <= 10
    assert 2 <= UNHEALTHY_THRESHOLD <= 10


def test_an_unresponsive_target_is_unhealthy_once_its_last_check_has_timed_out():
    assert SECONDS_UNTIL_UNHEALTHY == 14


def test_a_pod_is_ready_after_its_start_a_health_check_and_the_readiness_gate():
    assert seconds_until_ready(60) == 60 + 9 + 15


@given(startup=startups, node=st.integers(240, 840))
def test_the_progress_deadline_allows_for_a_new_node_and_a_start(startup: int, node: int):
    assert progress_deadline(startup=startup, node=node) >= node + seconds_until_ready(startup)


def test_a_rollout_waits_once_for_nodes_and_has_a_wave_for_each_surge_of_pods():
    wave = 120 + seconds_until_ready(60) + 45
    for pods, waves in ((1, 1), (3, 1), (4, 2), (18, 6)):
        seconds = rollout_seconds(pods=pods, surge=3, startup=60, termination=45, node=600)
        assert seconds == 600 + waves * wave
        assert seconds > progress_deadline(startup=60, node=600), (
            "Pulumi would stop waiting before Kubernetes reports a rollout without progress"
        )
