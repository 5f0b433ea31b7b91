"""The drain of nodes in a drill."""

import pytest

from tests.tools.drills.fake_server import FakeServer, drill_on, pod
from tools.drills.scenarios.drain import drain_node


@pytest.mark.parametrize("refusals", [0, 1, 2])
def test_a_drain_evicts_refused_pods_again_and_counts_them_once(
    refusals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    agent, other = pod("agent", "a", owner="DaemonSet"), pod("cache", "b")
    server = FakeServer({"Pod": [pod("web", "a"), agent, other]}, refusals=refusals)
    assert drain_node(drill_on(server), "a").refused == min(refusals, 1)
    assert server.objects["Pod"] == [agent, other], "a drain left a pod, or evicted too many"


def test_a_drain_waits_for_pods_that_are_terminating(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = pod("web", "a", metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    server = FakeServer({"Pod": [ending]})
    monkeypatch.setattr("time.sleep", lambda seconds: server.delete_now(ending))
    assert drain_node(drill_on(server), "a").refused == 0
