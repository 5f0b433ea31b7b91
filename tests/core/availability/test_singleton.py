"""The longest times without the pod of a singleton."""

from core.availability.singleton import seconds_after_node_failure, seconds_during_replacement


def test_a_replacement_waits_for_the_node_failure_the_toleration_and_the_start_of_the_pod() -> None:
    found = seconds_after_node_failure(toleration=60, startup=30, volume=False, node=0)
    assert found == 50 + 60 + 120 + 30
    with_node = seconds_after_node_failure(toleration=60, startup=30, volume=False, node=600)
    assert with_node == found + 600


def test_a_volume_is_detached_by_force_while_a_new_node_starts() -> None:
    without = seconds_after_node_failure(toleration=0, startup=5, volume=False, node=0)
    assert seconds_after_node_failure(toleration=0, startup=5, volume=True, node=0) == without + 360
    assert seconds_after_node_failure(toleration=0, startup=5, volume=True, node=600) == (
        without + 600
    )


def test_a_rollout_terminates_the_old_pod_and_detaches_its_volume_first() -> None:
    assert seconds_during_replacement(grace=35, startup=60, detach=300, node=0) == (
        35 + 300 + 120 + 60
    )
