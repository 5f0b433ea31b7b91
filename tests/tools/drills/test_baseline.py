"""The baseline of a drill: plain Deployments on nodes that join one after another."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest

from core.labels import NODE_GROUP, POOL, ZONE
from settings.reading.quantities import millicores
from tests.conftest import recording_of
from tests.shared_recordings import recorded
from tests.tools.drills.fake_server import FakeServer, Manifest, pod, pods_on
from tools.drills import baseline
from tools.drills.baseline import Baseline
from tools.drills.baseline_objects import PREFIX, BaselineNodes
from tools.drills.node_templates import NodeTemplates
from tools.recording.record import ROOT

EXAMPLES = ROOT / "examples"
ZONES = [f"{PREFIX}us-east-1{letter}" for letter in "abc"]


def test_nodes_of_the_baseline_are_other_instances_than_those_of_the_cell() -> None:
    recording = recording_of("prod")
    own = NodeTemplates(recording).new("general", "us-east-1a")
    twin = BaselineNodes(recording).new(f"{PREFIX}general", f"{PREFIX}us-east-1a")
    assert own["spec"]["providerID"] == "aws:///us-east-1a/general-us-east-1a-0"
    assert twin["spec"]["providerID"] == (
        "aws:///baseline-us-east-1a/baseline-general-us-east-1a-0"
    )


class Cluster(FakeServer):
    """A cluster that places each new pod on the first node on which its CPU request fits."""

    def __init__(self) -> None:
        super().__init__({"Pod": [], "Node": [], "Deployment": []})
        self.numbers = count()

    def apply(self, manifest: Manifest) -> None:
        self.objects.setdefault(manifest["kind"], []).append(manifest)
        if manifest["kind"] == "Deployment":
            for _ in range(manifest["spec"]["replicas"]):
                self.start(manifest["metadata"]["name"])

    def create(self, manifest: Manifest) -> str | None:
        status = {**manifest["status"], "conditions": [{"type": "Ready", "status": "True"}]}
        return super().create({**manifest, "status": status, "spec": {**manifest["spec"]}})

    def patch(self, manifest: Manifest, change: Mapping[str, Any]) -> None:
        for node in self.objects["Node"]:
            if node["metadata"]["name"] == manifest["metadata"]["name"]:
                node["spec"].update(change["spec"])
                if change["spec"]["unschedulable"] is False:
                    del node["spec"]["unschedulable"]

    def delete_now(self, manifest: Manifest) -> None:
        self.objects[manifest["kind"]].remove(manifest)
        if manifest["kind"] == "Pod" and self.deployments(manifest["metadata"]["namespace"]):
            self.start(manifest["metadata"]["namespace"])

    def deployments(self, app: str) -> list[Manifest]:
        return [each for each in self.objects["Deployment"] if each["metadata"]["name"] == app]

    def start(self, app: str) -> None:
        [deployment] = self.deployments(app)
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        requests = container["resources"]["requests"]
        node = next(self.fitting(millicores(requests["cpu"])), None)
        new = pod(app, node, requests=requests, metadata={"name": f"{app}-{next(self.numbers)}"})
        self.objects["Pod"].append(new)

    def fitting(self, cpu: int) -> Iterator[str]:
        for node in self.objects["Node"]:
            name = node["metadata"]["name"]
            used = sum(
                millicores(each["spec"]["containers"][0]["resources"]["requests"]["cpu"])
                for each in self.objects["Pod"]
                if each["spec"].get("nodeName") == name
            )
            if "unschedulable" not in node["spec"] and used + cpu <= 1440:
                yield name

    def pods_by_zone(self) -> Mapping[str, Mapping[str, int]]:
        zones = {n["metadata"]["name"]: n["metadata"]["labels"][ZONE] for n in self.objects["Node"]}
        return {
            app: Counter(
                zones[each["spec"]["nodeName"]]
                for each in self.objects["Pod"]
                if each["metadata"]["namespace"] == PREFIX + app
            )
            for app in ("web", "cache")
        }


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def running(cluster: Cluster) -> Iterator[Baseline]:
    baseline = Baseline(cluster, pods_on(cluster), recording_of("prod"))  # pyright: ignore[reportArgumentType]  # a stand-in
    with baseline.running():
        yield baseline


PACKED = {
    "web": {ZONES[0]: 4, ZONES[1]: 1, ZONES[2]: 1},
    "cache": {ZONES[0]: 3},
}
"""The first node takes all pods that fit, and the nodes after the first of each zone are in one."""


def test_pods_fill_the_nodes_in_the_order_in_which_they_join(
    cluster: Cluster, running: Baseline
) -> None:
    assert cluster.pods_by_zone() == PACKED


def test_each_scenario_begins_with_the_same_baseline(cluster: Cluster, running: Baseline) -> None:
    extra = BaselineNodes(recording_of("prod")).new(PREFIX + "general", ZONES[1])
    extra["metadata"]["name"] = "extra"
    cluster.create(extra)
    [*moved] = [
        each for each in cluster.objects["Pod"] if each["metadata"]["namespace"][9:] == "web"
    ]
    for each in moved:
        each["spec"]["nodeName"] = "extra"
    running.reset()
    assert cluster.pods_by_zone() == PACKED
    assert "extra" not in [each["metadata"]["name"] for each in cluster.objects["Node"]]


def test_a_twin_has_the_replicas_and_requests_of_its_app_and_the_defaults_otherwise(
    cluster: Cluster, running: Baseline
) -> None:
    web = next(d for d in cluster.objects["Deployment"] if d["metadata"]["name"] == PREFIX + "web")
    assert web["spec"].keys() == {"replicas", "selector", "template"}
    assert web["spec"]["replicas"] == 6
    spec = web["spec"]["template"]["spec"]
    assert spec.keys() == {"containers", "nodeSelector", "tolerations"}
    assert spec["tolerations"] == [{"key": "drill", "operator": "Exists"}]
    [container] = spec["containers"]
    assert container.keys() == {"name", "image", "command", "args", "ports", "resources"}
    assert container["resources"]["requests"]["cpu"] == "750m"
    kinds = Counter(kind for kind, found in cluster.objects.items() for _ in found)
    assert (kinds["Deployment"], kinds["Service"], kinds["Namespace"]) == (2, 2, 2)


def test_a_twin_has_the_init_containers_and_sidecars_of_its_app(cluster: Cluster) -> None:
    with Baseline(cluster, pods_on(cluster), recorded("workloads", EXAMPLES)).running():  # pyright: ignore[reportArgumentType]  # a stand-in
        [wiki] = cluster.deployments(f"{PREFIX}wiki")
    init = wiki["spec"]["template"]["spec"]["initContainers"]
    assert [(each["name"], each.get("restartPolicy")) for each in init] == [
        ("assets", None),
        ("login", "Always"),
    ], "the pods of the twin would request less than those of the app"
    assert "securityContext" not in init[0]


def test_nodes_of_the_baseline_are_like_those_of_the_cell() -> None:
    recording = recording_of("prod")
    ours = NodeTemplates(recording).new("general", "us-east-1b")
    theirs = BaselineNodes(recording).new(PREFIX + "general", ZONES[1])
    assert theirs["status"] == ours["status"]
    assert theirs["metadata"]["labels"][POOL] == "baseline-general"
    assert theirs["metadata"]["labels"][ZONE] == ZONES[1]
    group = theirs["metadata"]["labels"][NODE_GROUP]
    assert group == PREFIX + ours["metadata"]["labels"][NODE_GROUP], "drained with ours otherwise"
    assert theirs["spec"]["taints"] == [
        {"key": "drill", "value": "baseline", "effect": "NoSchedule"}
    ]
    assert theirs["metadata"]["name"] == f"baseline-{ours['metadata']['name']}"


def test_a_baseline_that_does_not_start_ends_the_drill(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline, "_TIMEOUT", 0.0)
    monkeypatch.setattr(cluster, "start", lambda app: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]  # creates no pods
    started = Baseline(cluster, pods_on(cluster), recording_of("prod")).running()  # pyright: ignore[reportArgumentType]  # a stand-in
    with pytest.raises(baseline.ApiError) as raised, started:
        pass
    assert str(raised.value) == "pods of the baseline not created within 0s"
