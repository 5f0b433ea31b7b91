"""Figures of a burst."""

import pytest

from core.availability.burst import (
    ready_at_once,
    replicas_for,
    seconds_to_new_replicas,
    seconds_to_scale_down,
)


@pytest.mark.parametrize(
    ("load", "replicas"), [(1, 6), (0.2, 6), (1.5, 9), (1.51, 10), (2, 12), (4, 18)]
)
def test_replicas_follow_the_load_between_minimum_and_maximum(load: float, replicas: int) -> None:
    assert replicas_for(load, 6, 18) == replicas


def test_a_change_of_the_load_is_seen_after_two_reads_and_a_decision() -> None:
    assert str(seconds_to_new_replicas()) == "15s to 45s", "as docs/scaling.md says"
    assert str(seconds_to_new_replicas(10, 2)) == "10s to 22s"


@pytest.mark.parametrize(("new", "ready"), [(2, 2), (6, 3)])
def test_the_headroom_of_all_zones_is_ready_at_once(new: int, ready: int) -> None:
    assert ready_at_once(new, headroom_per_zone=1, zones=3) == ready


@pytest.mark.parametrize(
    ("replicas", "percent", "seconds"),
    [
        (6, 10, 0),
        (7, 10, 300),
        (12, 10, 300 + 4 * 60),  # 10, 9, 8, 7, 6
        (12, 50, 300),
        (12, 30, 300 + 60),  # 8, 6
        (12, 100, 300),
    ],
)
def test_scale_down_takes_the_stabilization_and_a_period_between_two_steps(
    replicas: int, percent: int, seconds: float
) -> None:
    assert seconds == seconds_to_scale_down(
        replicas, 6, stabilization=300, percent=percent, period=60
    )
