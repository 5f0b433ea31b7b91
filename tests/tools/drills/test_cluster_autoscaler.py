"""The real Cluster Autoscaler in a drill, played by a program with its protocol, and moto."""

import dataclasses
import json
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from core.facts.versions.charts import CLUSTER_AUTOSCALER
from core.labels import HOST, NODE_GROUP, POOL, ZONE
from tests.conftest import recording_of
from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded, recorded_config
from tests.tools.drills import fake_autoscaler
from tests.tools.drills.fake_server import FakeServer, Manifest, drill_on, pod
from tools.control_plane.processes import ProcessError
from tools.drills import cluster_autoscaler as module
from tools.drills.aws import scaling_groups
from tools.drills.aws.local_aws import local_aws
from tools.drills.aws.scaling_groups import ScalingGroups
from tools.drills.aws.stock import limited_stock
from tools.drills.cluster_autoscaler import chart_options, cluster_autoscaler
from tools.drills.drill import Drill
from tools.drills.node_supply import node_supply
from tools.drills.node_templates import NodeTemplates
from tools.drills.objects import SYSTEM_NAMESPACE
from tools.drills.recorded_chart import RecordedChart, recorded_chart
from tools.recording.record import ROOT

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


class Server(FakeServer):
    """A cell whose new nodes are ready at once."""

    def create(self, manifest: Manifest) -> str | None:
        ready = {"conditions": [{"type": "Ready", "status": "True"}]}
        return super().create({**manifest, "status": {**manifest.get("status", {}), **ready}})

    def patch(self, manifest: Manifest, change: Mapping[str, Any]) -> None:
        super().patch(manifest, change)
        manifest["spec"].update(change["spec"])


@pytest.fixture
def drill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drill:
    """A cell at rest, with two nodes in each zone."""
    monkeypatch.setattr(scaling_groups, "BOOT_SECONDS", scaling_groups.JOIN_SECONDS)
    server = Server({"Node": [], "Pod": [], "DaemonSet": []})
    templates = NodeTemplates(recording_of("prod"))
    for zone in ZONES:
        for _ in range(2):
            server.create(templates.new("general", zone))
    server.created.clear()
    return dataclasses.replace(drill_on(server), templates=templates, folder=tmp_path)


@contextmanager
def groups_of(drill: Drill) -> Generator[tuple[ScalingGroups, Any]]:
    """Yields the groups of a cell, and a client of Auto Scaling."""
    with local_aws("us-east-1") as aws:
        groups = ScalingGroups(drill, aws, "prod")
        with limited_stock(drill.templates.out_of_stock, groups.subnets):
            yield groups, aws.client("autoscaling")


def described(client: Any) -> dict[str, Any]:
    """Returns the groups by zone."""
    groups = client.describe_auto_scaling_groups()["AutoScalingGroups"]
    return {each["AvailabilityZones"][0]: each for each in groups}


def server_of(drill: Drill) -> FakeServer:
    server: Any = drill.server
    return server


def test_the_groups_are_those_of_the_stack_with_the_nodes_of_the_cell(drill: Drill) -> None:
    with groups_of(drill) as (_, client):
        groups = described(client)
        assert [*groups] == ZONES
        for zone, group in groups.items():
            ids = [each["InstanceId"] for each in group["Instances"]]
            own = [each["spec"]["providerID"] for each in drill.nodes_in(zone)]
            assert [f"aws:///{zone}/{each}" for each in ids] == own
            assert [group[key] for key in ("MinSize", "DesiredCapacity", "MaxSize")] == [2, 2, 12]
            tags = {each["Key"]: each["Value"] for each in group["Tags"]}
            assert tags["eks:nodegroup-name"] == f"nodes-general-{zone}"
            assert tags["k8s.io/cluster-autoscaler/prod"] == "owned"
            assert tags["k8s.io/cluster-autoscaler/enabled"] == "true"
            assert tags["ha-eks:cell"] == "prod", "a tag that the program adds"
            assert group["AutoScalingGroupName"].startswith(f"eks-nodes-general-{zone}-")


def test_eks_answers_labels_and_taints_of_a_node_group() -> None:
    recording = recorded("gpu", ROOT / "examples")
    templates = NodeTemplates(recording)
    empty = dataclasses.replace(
        drill_on(FakeServer({"Node": []})), recording=recording, templates=templates
    )
    with local_aws("us-east-1") as aws:
        ScalingGroups(empty, aws, "prod")
        client = aws.client("eks")
        for group, pool, _ in templates.groups():
            answer = client.describe_nodegroup(clusterName="prod", nodegroupName=group.name)
            assert answer["nodegroup"]["labels"][POOL] == pool
            assert answer["nodegroup"]["taints"] == group.inputs["taints"]
    assert any(group.inputs["taints"] for group, _, _ in templates.groups())


def test_an_instance_becomes_a_node_after_the_boot_time(
    drill: Drill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scaling_groups, "BOOT_SECONDS", scaling_groups.JOIN_SECONDS + 60)
    with groups_of(drill) as (groups, client):
        name = described(client)["us-east-1b"]["AutoScalingGroupName"]
        client.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
        groups.scan()
        assert not server_of(drill).created
        monkeypatch.setattr(scaling_groups, "BOOT_SECONDS", scaling_groups.JOIN_SECONDS)
        groups.scan()
        [node] = server_of(drill).created
        instance = described(client)["us-east-1b"]["Instances"][-1]["InstanceId"]
        assert node["spec"]["providerID"] == f"aws:///us-east-1b/{instance}"
        labels = node["metadata"]["labels"]
        assert labels[POOL] == "general"
        assert labels[NODE_GROUP] == "nodes-general-us-east-1b"
        assert labels[HOST] == node["metadata"]["name"]
        groups.scan()
        assert len(server_of(drill).created) == 1, "an instance is one node"


def test_a_new_node_has_a_startup_taint_until_its_daemon_sets_run(drill: Drill) -> None:
    server = server_of(drill)
    server.objects["DaemonSet"] = [
        {"kind": "DaemonSet", "metadata": {"namespace": SYSTEM_NAMESPACE}},
        {"kind": "DaemonSet", "metadata": {"namespace": "of-a-chart"}},
    ]
    with groups_of(drill) as (groups, client):
        name = described(client)["us-east-1a"]["AutoScalingGroupName"]
        client.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
        groups.scan()
        [node] = server.created
        [taint] = node["spec"]["taints"]
        assert taint["key"].startswith("startup-taint.cluster-autoscaler.kubernetes.io/")
        server.objects["Pod"].append(
            pod(SYSTEM_NAMESPACE, node["metadata"]["name"], owner="DaemonSet")
        )
        groups.scan()
        assert server.objects["Node"][-1]["spec"]["taints"] == []


def test_the_node_of_a_terminated_instance_is_removed_with_its_pods(drill: Drill) -> None:
    server = server_of(drill)
    gone, *_ = server.objects["Node"]
    server.objects["Pod"].append(pod("web", gone["metadata"]["name"]))
    with groups_of(drill) as (groups, client):
        client.terminate_instance_in_auto_scaling_group(
            InstanceId=gone["spec"]["providerID"].rpartition("/")[2],
            ShouldDecrementDesiredCapacity=True,
        )
        groups.scan()
    assert gone not in server.objects["Node"]
    assert not server.objects["Pod"]
    assert len(server.objects["Node"]) == 5


def test_the_instance_of_a_deleted_node_is_terminated_and_not_launched_again(drill: Drill) -> None:
    server = server_of(drill)
    gone, *_ = server.objects["Node"]
    with groups_of(drill) as (groups, client):
        server.delete_now(gone)
        groups.scan()
        groups.scan()
        group = described(client)["us-east-1a"]
    left = [f"aws:///us-east-1a/{each['InstanceId']}" for each in group["Instances"]]
    assert left == [each["spec"]["providerID"] for each in drill.nodes_in("us-east-1a")]
    assert group["DesiredCapacity"] == 1, "the Cluster Autoscaler would expect another node"
    assert not server.created


def test_a_zone_without_stock_fails_to_launch_until_it_has_stock(drill: Drill) -> None:
    with groups_of(drill) as (groups, client):
        name = described(client)["us-east-1a"]["AutoScalingGroupName"]
        drill.templates.out_of_stock.add("us-east-1a")
        client.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=4)
        groups.scan()
        group = described(client)["us-east-1a"]
        assert (group["DesiredCapacity"], len(group["Instances"])) == (4, 2)
        [activity] = client.describe_scaling_activities(AutoScalingGroupName=name)["Activities"]
        assert activity["StatusCode"] == "Failed"
        assert "sufficient capacity" in activity["StatusMessage"]
        other = described(client)["us-east-1b"]["AutoScalingGroupName"]
        assert not client.describe_scaling_activities(AutoScalingGroupName=other)["Activities"]
        drill.templates.out_of_stock.clear()
        groups.scan()
        assert len(described(client)["us-east-1a"]["Instances"]) == 4


def test_a_group_over_all_zones_launches_where_the_fewest_instances_are() -> None:
    config = config_of("prod")
    config["ha-eks:pools"]["general"]["layout"] = "spanning"
    recording = recorded_config("prod", config)
    templates = NodeTemplates(recording)
    [(_, pool, zones)] = templates.groups()
    server = Server({"Node": [], "Pod": []})
    for zone in (zones[0], zones[0], zones[1]):
        server.create(templates.new(pool, zone))
    spanning = dataclasses.replace(drill_on(server), recording=recording, templates=templates)
    with groups_of(spanning) as (_, client):
        [group] = described(client).values()
        templates.out_of_stock.add(zones[2])
        client.set_desired_capacity(
            AutoScalingGroupName=group["AutoScalingGroupName"], DesiredCapacity=5
        )
        [group] = described(client).values()
    found = [each["AvailabilityZone"] for each in group["Instances"]]
    assert sorted(found) == [zones[0]] * 3 + [zones[1]] * 2


def test_the_options_are_those_of_the_recorded_chart() -> None:
    options = [*chart_options(recorded_chart(recording_of("prod"), CLUSTER_AUTOSCALER.name))]
    assert options[:3] == [
        "--cloud-provider=aws",
        "--namespace=cluster-autoscaler",
        "--node-group-auto-discovery=asg:tag="
        "k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/prod",
    ]
    assert "--balance-similar-node-groups=true" in options
    assert f"--balancing-label={POOL}" in options
    assert "--expander=least-waste" in options


def test_an_option_that_the_chart_repeats_has_no_suffix() -> None:
    values = {
        "cloudProvider": "aws",
        "autoDiscovery": {"clusterName": "c"},
        "extraArgs": {"balancing-label_1": "x", "v": None},
    }
    chart = RecordedChart(CLUSTER_AUTOSCALER.name, "9", "autoscaler", values)
    assert [*chart_options(chart)][3:] == ["--balancing-label=x", "--v"]


def test_the_computed_times_follow_the_scan_interval_of_the_stack() -> None:
    recording = recording_of("prod")
    model = node_supply(recording, {})
    real = node_supply(recording, {CLUSTER_AUTOSCALER.name: Path("ca")})
    assert (model.program, model.node_seconds, model.failure_seconds) == (None, 12, 11)
    assert (real.program, real.node_seconds, real.failure_seconds) == (Path("ca"), 21, 80)
    assert (model.removal_seconds, real.removal_seconds) == (0, 71)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that plays the Cluster Autoscaler."""
    path = tmp_path / "cluster-autoscaler"
    path.write_text(f"#!{sys.executable}\n" + Path(fake_autoscaler.__file__).read_text())
    path.chmod(0o755)
    return path


@pytest.fixture
def api(drill: Drill, tmp_path: Path) -> Generator[None]:
    """An HTTP server with the pods of the drill."""

    class Pods(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            waiting = drill.server.list("v1", "Pod", fieldSelector="spec.nodeName=")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"items": waiting}).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pods)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    config = {
        "clusters": [{"cluster": {"server": url, "certificate-authority": ""}}],
        "users": [{"user": {"token": ""}}],
    }
    (tmp_path / "kubeconfig.json").write_text(json.dumps(config))
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def wait(reached: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.1)
    return reached()


@pytest.mark.usefixtures("api")
def test_the_program_supplies_nodes_in_the_zones_that_have_stock(
    drill: Drill, program: Path
) -> None:
    server = server_of(drill)
    server.objects["Pod"] += [pod("web", metadata={"uid": "1"}), pod("web", metadata={"uid": "2"})]
    drill.templates.out_of_stock.add("us-east-1a")
    with cluster_autoscaler(drill, program):
        assert wait(lambda: len([e for e in server.created if e["kind"] == "Node"]) == 2)
    nodes = [each["metadata"]["labels"][ZONE] for each in server.created if each["kind"] == "Node"]
    assert sorted(nodes) == ["us-east-1b", "us-east-1c"]
    assert {"kind": "Namespace", "name": "cluster-autoscaler"} in [
        {"kind": each["kind"], "name": each["metadata"]["name"]} for each in server.created
    ]


def test_a_program_that_does_not_start_ends_the_drill_with_its_last_line(
    drill: Drill, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho unknown flag: --address >&2; exit 2\n")
    broken.chmod(0o755)
    with (
        pytest.raises(
            ProcessError, match=r"^cluster-autoscaler does not start: unknown flag: --address$"
        ),
        cluster_autoscaler(drill, broken),
    ):
        pass


def test_the_priorities_of_the_expander_are_a_config_map(drill: Drill) -> None:
    chart = RecordedChart(
        CLUSTER_AUTOSCALER.name, "9", "autoscaler", {"expanderPriorities": {"10": [".*"]}}
    )
    module._create_namespace(drill.server, chart)  # pyright: ignore[reportPrivateUsage]
    *_, config_map = server_of(drill).created
    assert config_map["metadata"] == {
        "name": "cluster-autoscaler-priority-expander",
        "namespace": "autoscaler",
    }
    assert config_map["data"] == {"priorities": "10:\n- .*\n"}
