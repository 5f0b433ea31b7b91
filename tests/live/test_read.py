"""The program reads the running cell from AWS, and refuses stack files that do not fit the cell."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime import MockCallArgs, MockResourceArgs

from settings import SettingsError
from tests.conftest import recording_of
from tests.live.cells import ZONES
from tests.settings.stack_files import config_of
from tests.shared_recordings import record_fast
from tests.stacks.random_stacks import in_existing_vpc
from tests.tools.rehearsal.clouds import build, cloud_for, created_by
from tools.recording import Recording, RecordingError, record
from tools.recording.made_up_outputs import MadeUpOutputs
from tools.recording.record import ROOT
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.edits.nodes import change_ami_type
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP, FakeCloud
from tools.rehearsal.fake_cloud.lookups import look_up

PROGRAM = """
import dataclasses
import pulumi, pulumi_aws as aws
from live.read import read
live = read("prod", aws.Provider("aws", region="us-east-1"))
pulumi.export("live", live and {
    **dataclasses.asdict(live),
    "control_plane_zones": sorted(live.control_plane_zones),
    "apps": sorted(live.apps),
    "exposed": sorted(live.exposed),
})
"""
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
SUBNET = "aws:ec2/subnet:Subnet"
SHAPE = {
    "ami_type": "AL2023_x86_64_STANDARD",
    "capacity_type": "ON_DEMAND",
    "instance_types": [],
    "zones": [ZONES[0]],
}


Answer = tuple[Mapping[str, Any], list[tuple[str, str]]]


def answer(monkeypatch: pytest.MonkeyPatch, by: Callable[[MockCallArgs], Answer | None]) -> None:
    """Answers the invokes of a recording with `by`; with made-up outputs if `by` returns None."""
    made_up = MadeUpOutputs.call
    monkeypatch.setattr(MadeUpOutputs, "call", lambda self, args: by(args) or made_up(self, args))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Returns a fake cloud in which prod runs. Recordings read the running cell from it."""
    recording = recording_of("prod")
    cloud = build(cloud_for(recording, constraints=()), created_by(recording))
    answer(monkeypatch, lambda args: look_up(cloud, args))
    return cloud


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Returns a list to which each registered resource adds its type."""
    types: list[str] = []
    new_resource = MadeUpOutputs.new_resource

    def recorded_type(
        self: MadeUpOutputs, args: MockResourceArgs
    ) -> tuple[str | None, dict[str, Any]]:
        types.append(args.typ)
        return new_resource(self, args)

    monkeypatch.setattr(MadeUpOutputs, "new_resource", recorded_type)
    return types


def live(folder: Path) -> Mapping[str, Any] | None:
    """Returns what the program reads about the running cell prod; None if prod does not run."""
    program = folder / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    found: Any = record("prod", program=program).outputs.get("live")
    return found


def recorded(folder: Path, change: Any = lambda config: None) -> Recording:
    """Returns the recording of prod with a changed stack file."""
    config: Config = config_of("prod")
    change(config)
    text = yaml.safe_dump({"config": config}, sort_keys=False)
    (folder / "Pulumi.prod.yaml").write_text(text, encoding="utf-8")
    return record_fast("prod", root=folder)


def test_without_a_cluster_there_is_no_cell(tmp_path: Path) -> None:
    assert live(tmp_path) is None


def test_a_cluster_of_another_name_is_not_the_cell(tmp_path: Path, account: FakeCloud) -> None:
    [cluster] = account.of_type("aws:eks/cluster:Cluster")
    cluster.id = "prod-standby"
    assert live(tmp_path) is None


def test_the_cell_is_read_with_its_sizes_and_shapes_in_aws(
    tmp_path: Path, account: FakeCloud
) -> None:
    subnets = [each.inputs["subnetIds"][0] for each in account.of_type(NODE_GROUP)]
    account.of_type(NODE_GROUP)[1].inputs.update(
        subnetIds=subnets[1:][::-1],
        amiType="BOTTLEROCKET_x86_64",
        capacityType="SPOT",
        instanceTypes=["m7i.large", "m6i.large"],
        version="1.35",
        scalingConfig={"minSize": 1, "desiredSize": 5, "maxSize": 9},
    )
    found = live(tmp_path)
    assert found is not None
    assert found["version"] == "1.36"
    assert found["control_plane_zones"] == list(ZONES)
    assert found["apps"] == ["cache", "web"]
    assert found["exposed"] == [["web", "public"]]
    assert found["load_balancers"] == {"public": {"protected": True, "dualstack": False}}
    assert found["ipv6"] is False
    first, second, third = sorted(found["node_groups"], key=lambda each: each["zone"])
    assert [each["zone"] for each in (first, second, third)] == list(ZONES)
    assert {each["pool"] for each in (first, second, third)} == {"general"}
    names = {each.id.partition(":")[2] for each in account.of_type(NODE_GROUP)}
    assert {each["name"] for each in (first, second, third)} == names
    fields = ("subnets", "shape", "version", "status", "min", "desired", "max")
    assert [first[field] for field in fields] == [subnets[:1], SHAPE, "1.36", "ACTIVE", 2, 2, 12]
    shape = {
        "ami_type": "BOTTLEROCKET_x86_64",
        "capacity_type": "SPOT",
        "instance_types": ["m7i.large", "m6i.large"],
        "zones": [*ZONES[1:]],
    }
    assert [second[field] for field in fields] == [
        sorted(subnets[1:]), shape, "1.35", "ACTIVE", 1, 5, 9,
    ]  # fmt: skip


def test_a_dual_stack_cell_keeps_its_ipv6_networks(
    tmp_path: Path, account: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", warnings.append)
    [vpc] = account.of_type("aws:ec2/vpc:Vpc")
    vpc.outputs["ipv6CidrBlock"] = "2001:db8:1234:1a00::/56"
    [balancer] = account.of_type(BALANCER)
    balancer.outputs["ipAddressType"] = "dualstack"
    recording = recorded(tmp_path)
    assert [each.inputs["ipAddressType"] for each in recording.of_type(BALANCER)] == ["ipv4"]
    ipv6 = [each for each in recording.of_type(SUBNET) if "ipv6CidrBlock" in each.inputs]
    assert len(ipv6) == 3, "AWS refuses to remove the block of the VPC before those of its subnets"
    [warning] = warnings
    assert warning.startswith("ha-eks:loadBalancing.ipAddressType: ")


def test_a_load_balancer_of_an_extension_is_not_that_of_the_cell(
    tmp_path: Path, account: FakeCloud
) -> None:
    [balancer] = account.of_type(BALANCER)
    balancer.outputs["name"] = "lb-of-an-extension"
    found = live(tmp_path)
    assert found is not None
    assert found["load_balancers"] == {}


def test_the_load_balancer_that_exposes_an_app_is_known_from_its_alarm(
    tmp_path: Path, account: FakeCloud
) -> None:
    for alarm in account.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        if alarm.outputs["arn"].endswith("prod/app/web/hosts"):
            alarm.outputs["arn"] += "-internal"
    found = live(tmp_path)
    assert found is not None
    assert found["exposed"] == [["web", "internal"]]


def use_internal_route(config: Config) -> None:
    config["ha-eks:apps"]["web"]["expose"] = {"internal": True}
    del config["ha-eks:traffic"]


def test_an_up_with_targets_does_not_check_load_balancers(
    tmp_path: Path, account: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="no route leads to the public load balancer"):
        recorded(tmp_path, use_internal_route)
    monkeypatch.setattr("settings.has_targets", lambda: True)
    [balancer] = recorded(tmp_path, use_internal_route).of_type(BALANCER)
    assert balancer.inputs["internal"] is True


def test_node_groups_without_the_tags_of_the_cell_are_ignored(
    tmp_path: Path, account: FakeCloud
) -> None:
    for group, tags in zip(account.of_type(NODE_GROUP), ({}, {"team": "a"}, None), strict=True):
        if tags is not None:
            group.inputs["tags"] = tags
    found = live(tmp_path)
    assert found is not None
    assert [each["zone"] for each in found["node_groups"]] == [ZONES[2]]


def test_an_unchanged_running_cell_has_the_same_recording_as_a_new_cell(
    tmp_path: Path, account: FakeCloud
) -> None:
    def inputs_and_options(recording: Recording) -> dict[str, tuple[Any, Any]]:
        return {each.urn: (each.inputs, each.options) for each in recording.resources}

    running, new = recorded(tmp_path), recording_of("prod")
    assert inputs_and_options(running) == inputs_and_options(new)


def test_running_node_groups_are_updated_one_by_one_and_a_new_one_does_not_wait(
    tmp_path: Path, account: FakeCloud
) -> None:
    [third] = [each for each in account.of_type(NODE_GROUP) if each.name.endswith(ZONES[2])]
    del account.resources[NODE_GROUP, third.id]
    recording = recorded(tmp_path)
    groups = {each.urn[-1]: each for each in recording.of_type(NODE_GROUP)}
    after = {
        zone: {each for each in "abc" if groups[each].urn in recording.before(group)}
        for zone, group in groups.items()
    }
    assert after == {"a": set(), "b": {"a"}, "c": set()}


def lower_version(config: Config) -> None:
    config["ha-eks:cluster"]["version"] = "1.35"


def other_zones(config: Config) -> None:
    config["ha-eks:network"]["controlPlaneZones"] = list(ZONES[:2])


def other_vpc(config: Config) -> None:
    config.update(in_existing_vpc(config))


def test_changes_that_are_impossible_in_place_are_refused_before_anything_is_registered(
    tmp_path: Path, account: FakeCloud, registered: list[str]
) -> None:
    def change(config: Config) -> None:
        for each in (lower_version, other_zones, change_ami_type):
            each(config)

    with pytest.raises(SettingsError) as caught:
        recorded(tmp_path, change)
    text = (tmp_path / "Pulumi.prod.yaml").read_text(encoding="utf-8").splitlines()
    names = ("version:", "controlPlaneZones:", "amiType:")
    version, zones, ami = (
        number for name in names for number, line in enumerate(text, 1) if name in line
    )
    [group, *_] = sorted(each.id.partition(":")[2] for each in account.of_type(NODE_GROUP))
    assert str(caught.value).splitlines() == [
        f"Pulumi.prod.yaml:{zones}: ha-eks:network.controlPlaneZones: cannot change: EKS keeps "
        "the zones in which the cluster was created; write [us-east-1a, us-east-1b, us-east-1c]",
        f"Pulumi.prod.yaml:{version}: ha-eks:cluster.version: must be at least 1.36, which the "
        "control plane runs; to roll back an upgrade, run make rollback-version STACK=prod",
        f"Pulumi.prod.yaml:{ami}: ha-eks:pools.general.amiType: cannot change in place: node "
        f"group {group} has AL2023_x86_64_STANDARD; run make replace-nodes STACK=prod "
        "POOL=general to replace the nodes zone by zone (docs/replace-nodes.md)",
    ], "the operator would see only one problem per run"
    assert set(registered) == {"pulumi:pulumi:Stack", "pulumi:providers:aws"}


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (change_ami_type, []),
        (lower_version, ["ha-eks:cluster.version"]),
        (other_zones, ["ha-eks:network.controlPlaneZones"]),
        (other_vpc, [f"ha-eks:network.existing.privateSubnets.{zone}" for zone in ZONES]),
    ],
)
def test_during_a_node_replacement_only_changes_of_the_node_shape_are_accepted(
    tmp_path: Path, account: FakeCloud, change: Any, problems: list[str]
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, runpy\n"
        'os.environ["HA_EKS_REPLACE"] = "create:nodes-general-us-east-1a"\n'
        f'runpy.run_path({str(ROOT / "__main__.py")!r}, run_name="__main__")\n',
        encoding="utf-8",
    )
    config = config_of("prod")
    change(config)
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": config}))
    if not problems:
        assert record("prod", root=tmp_path, program=program).of_type(NODE_GROUP)
        return
    with pytest.raises(SettingsError) as caught:
        record("prod", root=tmp_path, program=program)
    assert [each.key for each in caught.value.problems] == problems


def test_an_app_has_served_only_if_the_cell_has_alarms_for_it(
    tmp_path: Path, account: FakeCloud
) -> None:
    for alarm in account.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"):
        for old, new in (("prod/app/web/", "prod-standby/app/web/"), ("app/cache/", "cache/app/")):
            alarm.outputs["arn"] = alarm.outputs["arn"].replace(f":alarm:{old}", f":alarm:{new}")
            alarm.outputs["arn"] = alarm.outputs["arn"].replace(
                "prod/app/cache/", "prod/cache/app/"
            )
    found = live(tmp_path)
    assert found is not None
    assert found["apps"] == []


@pytest.mark.parametrize(
    "function",
    [
        "eks/getClusters", "eks/getCluster", "eks/getNodeGroups", "eks/getNodeGroup",
        "resourcegroupstaggingapi/getResources", "lb/getLbs", "lb/getLoadBalancer", "ec2/getVpc",
    ],
)  # fmt: skip
def test_a_failed_request_to_aws_is_an_error_and_not_a_new_cell(
    tmp_path: Path, account: FakeCloud, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    token = f"aws:{function}:{function.partition('/')[2]}"
    failed: Answer = ({}, [("", "ExpiredToken")])
    answer(monkeypatch, lambda args: failed if args.token == token else None)
    with pytest.raises(RecordingError, match=f"{token}: no made-up output"):
        live(tmp_path)
