"""Rollouts in a drill."""

import pytest

from tests.tools.drills.fake_server import FakeServer, drill_on, node, pod
from tools.drills.scenarios import rollout

OLD, NEW = {"drill": "1"}, {"drill": "2"}


@pytest.mark.parametrize(
    ("old", "starting", "new", "half"),
    [(3, 3, 0, False), (2, 2, 1, False), (2, 1, 2, True), (0, 0, 3, True)],
)
def test_half_of_a_rollout_is_reached_with_half_of_the_new_pods_and_stays_reached(
    old: int, starting: int, new: int, half: bool
) -> None:
    deployment = {
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "web"},
        "spec": {"replicas": 3, "template": {"metadata": {"annotations": NEW}}},
    }
    pods = [
        *(pod("web", "a", metadata={"annotations": OLD}) for _ in range(old)),
        *(pod("web", "a", ready=False, metadata={"annotations": NEW}) for _ in range(starting)),
        *(pod("web", "a", metadata={"annotations": NEW}) for _ in range(new)),
    ]
    server = FakeServer(
        {"Deployment": [deployment], "Pod": pods, "Node": [node("a", "us-east-1a")]}
    )
    assert rollout._is_half(drill_on(server), "web") is half
