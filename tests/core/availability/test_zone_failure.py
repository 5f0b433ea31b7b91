"""Times of a zone failure, and the nodes from which Kubernetes evicts pods."""

import pytest

from core.availability.zone_failure import Seconds, is_evicted, seconds_to_replacement


def test_pods_of_later_nodes_are_evicted_later() -> None:
    detection = Seconds(earliest=12, latest=13)
    assert seconds_to_replacement(1, [60, 300]) == Seconds(earliest=100, latest=350)
    assert seconds_to_replacement(3, [60], detection) == Seconds(earliest=72, latest=93)


@pytest.mark.parametrize(
    ("failed", "nodes", "evicted"),
    [
        (1, 1, True),
        (2, 3, True),
        (3, 3, True),
        (3, 4, False),
        (3, 5, False),
        (3, 6, True),
        (30, 51, True),
        (28, 50, False),
        (27, 50, True),
    ],
)
def test_kubernetes_evicts_no_pods_from_a_zone_that_has_failed_in_part(
    failed: int, nodes: int, evicted: bool
) -> None:
    assert is_evicted(failed, nodes) is evicted
