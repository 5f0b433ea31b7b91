"""The model of the Cluster Autoscaler."""

import time
from typing import Any

import pytest

from core.labels import POOL, ZONE
from tests.conftest import recording_of
from tests.tools.drills.fake_server import FakeServer, Manifest, each_zone, node, pod, pods_on
from tools.drills import node_model
from tools.drills.node_model import NodeModel
from tools.drills.node_templates import NodeTemplates

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


@pytest.fixture
def server() -> FakeServer:
    return FakeServer({"Node": [*each_zone(ZONES, 2)], "Pod": []})


@pytest.fixture
def model(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> NodeModel:
    monkeypatch.setattr(node_model, "BOOT_SECONDS", node_model.JOIN_SECONDS)
    return NodeModel(server, pods_on(server), NodeTemplates(recording_of("prod")))  # pyright: ignore[reportArgumentType]  # a stand-in


def pending(server: FakeServer, count: int, **more: Any) -> None:
    server.objects["Pod"] += [pod("web", **more) for _ in range(count)]


def zones(created: list[Manifest]) -> list[str]:
    return [each["metadata"]["labels"][ZONE] for each in created]


def fill(server: FakeServer) -> None:
    """Fills all nodes, so that no further pod fits."""
    server.objects["Pod"] += [
        pod("cache", each["metadata"]["name"], requests={"cpu": "1000m"})
        for each in server.objects["Node"]
    ]


def test_a_pending_pod_gets_a_node_after_the_boot_time(
    server: FakeServer, model: NodeModel
) -> None:
    fill(server)
    pending(server, 1)
    model.scan()
    assert not server.created
    model.scan()
    assert zones(server.created) == ["us-east-1a"]


def test_pending_pods_share_a_node_and_request_it_once(
    server: FakeServer, model: NodeModel
) -> None:
    fill(server)
    pending(server, 2)
    for _ in range(4):
        model.scan()
    assert len(server.created) == 1, "two pods of 700m fit on one m7i.large"


def test_nodes_are_added_evenly_over_zones(server: FakeServer, model: NodeModel) -> None:
    fill(server)
    pending(server, 6)
    model.scan()
    model.scan()
    assert sorted(zones(server.created)) == ZONES


def test_a_pod_of_one_zone_gets_its_node_there(server: FakeServer, model: NodeModel) -> None:
    fill(server)
    pending(server, 1, spec={"nodeSelector": {ZONE: "us-east-1c"}})
    model.scan()
    model.scan()
    assert zones(server.created) == ["us-east-1c"]


@pytest.mark.parametrize(
    "more",
    [
        {"nominatedNodeName": "us-east-1a-0"},
        {"spec": {"nodeSelector": {POOL: "other"}}},
        {"requests": {"cpu": "64"}},
        {"owner": "DaemonSet"},
    ],
    ids=["preempts", "of another pool", "larger than a node", "of a DaemonSet"],
)
def test_no_node_is_added_for_a_pod_that_it_would_not_help(
    server: FakeServer, model: NodeModel, more: dict[str, Any]
) -> None:
    fill(server)
    pending(server, 1, **more)
    model.scan()
    model.scan()
    assert not server.created


def test_a_pod_that_the_scheduler_places_on_no_old_node_gets_a_new_one(
    server: FakeServer, model: NodeModel
) -> None:
    pending(server, 1)
    model.scan()
    model.scan()
    assert len(server.created) == 1, "the model does not know the rule that keeps the pod pending"


def test_a_pool_does_not_exceed_its_maximum(server: FakeServer, model: NodeModel) -> None:
    fill(server)
    pending(server, 100)
    model.scan()
    model.scan()
    assert len(server.objects["Node"]) == 36


def test_nodes_of_the_baseline_do_not_belong_to_the_cell(
    server: FakeServer, model: NodeModel
) -> None:
    fill(server)
    server.objects["Node"].append(node("other", "baseline-us-east-1a", "baseline-general"))
    pending(server, 1)
    model.scan()
    model.scan()
    assert zones(server.created) == ["us-east-1a"], "the pod waits for a node that is not for it"


def test_a_zone_without_stock_is_left_out_until_it_has_stock(
    server: FakeServer, model: NodeModel
) -> None:
    fill(server)
    pending(server, 1)
    model.templates.out_of_stock.add("us-east-1a")
    model.scan()  # requests a node in us-east-1a, which has the first name
    model.scan()  # notices that it does not arrive
    model.scan()
    assert zones(server.created) == ["us-east-1b"]
    pending(server, 1, spec={"nodeSelector": {ZONE: "us-east-1a"}})
    model.scan()
    model.scan()
    assert len(server.created) == 1
    model.templates.out_of_stock.clear()
    model.scan()
    model.scan()
    assert zones(server.created) == ["us-east-1b", "us-east-1a"]


def test_a_new_node_accepts_pods_of_apps_when_it_is_ready_and_runs_all_daemonsets(
    server: FakeServer, model: NodeModel
) -> None:
    server.objects["DaemonSet"] = [{"metadata": {"name": name}} for name in ("one", "two")]
    fill(server)
    pending(server, 1)
    model.scan()
    model.scan()
    [new] = server.created
    assert new["spec"]["unschedulable"]
    name = new["metadata"]["name"]
    server.objects["Pod"].append(pod("one", name, owner="DaemonSet"))
    model.scan()
    assert server.patched == []
    server.objects["Pod"].append(pod("two", name, owner="DaemonSet"))
    model.scan()
    assert server.patched == []
    new["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
    model.scan()
    model.scan()
    assert server.patched == [(new, {"spec": {"unschedulable": False}})]


def test_an_error_of_the_model_ends_the_drill(server: FakeServer) -> None:
    server.objects["Node"].append({"kind": "Node", "metadata": {"name": "foreign", "labels": {}}})
    templates = NodeTemplates(recording_of("prod"))
    with (
        pytest.raises(KeyError),
        node_model.node_model(server, pods_on(server), templates),  # pyright: ignore[reportArgumentType]  # a stand-in
    ):
        time.sleep(1.2)
