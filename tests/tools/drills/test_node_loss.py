"""Lost nodes of a drill: which are lost, and how long their pods stay on them."""

from typing import Any

import pytest

from core.labels import ZONE
from tests.tools.drills.fake_server import FakeServer, Manifest, drill_on, each_zone, pod
from tools.drills.drill import Drill, Sample, Watch
from tools.drills.scenarios import node_loss
from tools.drills.scenarios.common import shorten_tolerations, wait_for_serving

ZONES = ["us-east-1a", "us-east-1b"]
UNREACHABLE = {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute"}


def drill(*pods: Manifest) -> Drill:
    return drill_on(FakeServer({"Node": [*each_zone(ZONES, 3)], "Pod": [*pods]}))


def test_the_fullest_nodes_are_those_with_most_pods_of_apps() -> None:
    cell = drill(
        pod("kube-system", "us-east-1a-0"),
        pod("kube-system", "us-east-1a-0"),
        pod("web", "us-east-1a-1"),
        pod("web", "us-east-1b-2"),
        pod("cache", "us-east-1b-2"),
    )
    nodes = node_loss.fullest(cell, cell.server.list("v1", "Node"), 2)
    assert [each["metadata"]["name"] for each in nodes] == ["us-east-1b-2", "us-east-1a-1"]


def test_the_shortest_toleration_comes_first_because_the_first_one_applies() -> None:
    long = {**UNREACHABLE, "tolerationSeconds": 60}
    cell = drill(
        pod("web", "us-east-1a-0", spec={"tolerations": [long]}),
        pod("web", "us-east-1a-1", spec={"tolerations": [long]}),
        pod("headroom", "us-east-1a-0", spec={"tolerations": [UNREACHABLE]}),
        pod("agent", "us-east-1a-0", spec={"tolerations": [{"operator": "Exists"}]}),
    )
    shorten_tolerations(cell, ["us-east-1a-0"], 5)
    server: Any = cell.server
    assert [change["spec"]["tolerations"] for _, change in server.patched] == [
        [{**UNREACHABLE, "tolerationSeconds": 5}, long]
    ]


@pytest.mark.parametrize(
    ("seconds", "total", "ends"),
    [(14, 6, True), (14, 5, False), (12, 6, False)],
    ids=["whole", "not whole", "before the loss is detected"],
)
def test_a_wait_for_serving_pods_begins_when_the_loss_is_detected(
    seconds: float, total: int, ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch([Sample(seconds=seconds, serving={"web": {ZONE: total}})])

    def sleep(seconds: float) -> None:
        watch.samples.append(Sample(seconds=99, serving={}))

    monkeypatch.setattr("time.sleep", sleep)
    wait_for_serving(watch, {"web": 6}, after=13, limit=20)
    assert (len(watch.samples) == 1) is ends
