import pytest

from core.availability.rebalancing import pods_to_move, seconds_until_even


@pytest.mark.parametrize(
    ("by_zone", "moves"),
    [
        ([2, 2, 2], 0), ([3, 2, 2], 0), ([4, 1, 1], 2), ([0, 3, 3], 2), ([3, 2, 1], 1),
        ([1, 3, 3], 1), ([0, 0, 7], 4), ([2, 0], 1), ([0], 0), ([5], 0), ([0, 0], 0),
    ],
    ids=str,
)  # fmt: skip
def test_pods_move_until_the_zones_differ_by_at_most_one(by_zone: list[int], moves: int) -> None:
    assert pods_to_move(by_zone) == moves


def test_each_move_waits_for_a_run_of_the_descheduler() -> None:
    assert seconds_until_even(2, startup=5) == 65
    assert seconds_until_even(2, startup=5, interval=4) == 13


def test_an_even_app_does_not_wait() -> None:
    assert seconds_until_even(0, startup=5) == 0
