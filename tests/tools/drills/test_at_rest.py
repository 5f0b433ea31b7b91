"""The return of a cell to its nodes and pods at rest."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from core.labels import POOL, ZONE
from tests.conftest import recording_of
from tests.tools.drills.fake_server import FakeServer, drill_on, pod
from tools.drills import at_rest
from tools.drills.drill import Drill
from tools.drills.node_templates import NodeTemplates

Manifest = dict[str, Any]
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
READY = {"conditions": [{"type": "Ready", "status": "True"}]}


class Controllers:
    """Default controllers."""

    def start(self, times: Mapping[str, str]) -> None:
        assert times == {}


class Server(FakeServer):
    """A server whose nodes become ready at once, and to whose nodes changes apply."""

    def create(self, manifest: Any) -> str | None:
        return super().create({**manifest, "status": READY})

    def patch(self, manifest: Any, change: Any) -> None:
        super().patch(manifest, change)
        if manifest["kind"] == "Node":
            manifest["spec"].update(change["spec"])


def deployment(app: str, namespace: str) -> Manifest:
    metadata = {"name": app, "namespace": namespace}
    return {"kind": "Deployment", "metadata": metadata, "spec": {"replicas": 3}}


def test_a_cell_returns_to_the_nodes_and_pods_of_a_new_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    templates = NodeTemplates(recording_of("prod"))
    server = Server()
    new = [templates.new("general", zone) for zone in (*ZONES[:1] * 5, *ZONES[1:2])]
    for number, each in enumerate(new):
        each["metadata"]["creationTimestamp"] = f"2026-01-01T00:00:0{number}Z"
        server.create(each)
    oldest = [each["metadata"]["name"] for each in new[:3]]
    agent = pod("agent", oldest[0], owner="DaemonSet")
    twin = pod("baseline-web", oldest[0])
    removed = new[4]["metadata"]["name"]
    server.objects["Pod"] = [
        pod("web", oldest[0]), pod("web"), agent, twin, pod("agent", removed, owner="DaemonSet"),
    ]  # fmt: skip
    web, baseline = deployment("web", "web"), deployment("baseline-web", "baseline-web")
    server.objects["Deployment"] = [web, baseline]
    managers: Any = Controllers()
    cell = replace(drill_on(server), templates=templates, controllers=managers)
    monkeypatch.setattr(Drill, "incomplete", lambda cell: [])

    at_rest.return_to_rest(cell)

    nodes = server.objects["Node"]
    count = Counter(
        (each["metadata"]["labels"][POOL], each["metadata"]["labels"][ZONE]) for each in nodes
    )
    assert count == {("general", zone): 3 for zone in ZONES}
    names = [each["metadata"]["name"] for each in nodes]
    assert names[:3] == oldest, "the newest nodes are removed"
    assert not any(each["spec"]["unschedulable"] for each in nodes)
    assert server.objects["Pod"] == [agent, twin]
    scaled = [
        (each["metadata"]["name"], change["spec"]["replicas"])
        for each, change in server.patched
        if each["kind"] == "Deployment"
    ]
    assert scaled == [("web", 0), ("web", 3)]
