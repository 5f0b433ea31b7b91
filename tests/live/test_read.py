"""Reads of the running cell from AWS, and stack files that the running cell accepts or refuses."""

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
})
"""
SHAPE = {
    "ami_type": "AL2023_x86_64_STANDARD",
    "capacity_type": "ON_DEMAND",
    "instance_types": [],
    "zones": [ZONES[0]],
}


Answer = tuple[Mapping[str, Any], list[tuple[str, str]]]


def answer(monkeypatch: pytest.MonkeyPatch, by: Callable[[MockCallArgs], Answer | None]) -> None:
    """Makes `by` answer the invokes of a recording first."""
    rest = MadeUpOutputs.call
    monkeypatch.setattr(MadeUpOutputs, "call", lambda self, args: by(args) or rest(self, args))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Returns an account in which prod runs; recordings read the account."""
    recording = recording_of("prod")
    cloud = build(cloud_for(recording, constraints=()), created_by(recording))
    answer(monkeypatch, lambda args: look_up(cloud, args))
    return cloud


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Types of all that programs register."""
    types: list[str] = []
    new = MadeUpOutputs.new_resource

    def noted(self: MadeUpOutputs, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        types.append(args.typ)
        return new(self, args)

    monkeypatch.setattr(MadeUpOutputs, "new_resource", noted)
    return types


def live(folder: Path) -> Mapping[str, Any] | None:
    """Returns the facts that a program reads about the running cell prod; None without a cell."""
    program = folder / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    found: Any = record("prod", program=program).outputs.get("live")
    return found


def recorded(folder: Path, change: Any = lambda config: None) -> Recording:
    """Returns the recording of prod after a change of its stack file."""
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


def test_a_cell_is_read_as_aws_has_it(tmp_path: Path, account: FakeCloud) -> None:
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


def test_node_groups_without_our_tags_are_somebody_else_s(
    tmp_path: Path, account: FakeCloud
) -> None:
    for group, tags in zip(account.of_type(NODE_GROUP), ({}, {"team": "a"}, None), strict=True):
        if tags is not None:
            group.inputs["tags"] = tags
    found = live(tmp_path)
    assert found is not None
    assert [each["zone"] for each in found["node_groups"]] == [ZONES[2]]


def test_the_file_of_a_cell_that_runs_is_recorded_like_that_of_a_new_one(
    tmp_path: Path, account: FakeCloud
) -> None:
    def known(recording: Recording) -> dict[str, tuple[Any, Any]]:
        return {each.urn: (each.inputs, each.options) for each in recording.resources}

    assert known(recorded(tmp_path)) == known(recording_of("prod"))


def test_node_groups_that_run_are_updated_one_after_the_other_beside_those_that_are_made(
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


def older(config: Config) -> None:
    config["ha-eks:cluster"]["version"] = "1.35"


def other_zones(config: Config) -> None:
    config["ha-eks:network"]["controlPlaneZones"] = list(ZONES[:2])


def other_vpc(config: Config) -> None:
    config.update(in_existing_vpc(config))


def test_a_file_that_the_cell_cannot_take_is_refused_and_nothing_is_registered(
    tmp_path: Path, account: FakeCloud, registered: list[str]
) -> None:
    def change(config: Config) -> None:
        for each in (older, other_zones, change_ami_type):
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
        "control plane runs; to roll back an upgrade, see docs/upgrade.md",
        f"Pulumi.prod.yaml:{ami}: ha-eks:pools.general.amiType: cannot change in place: node "
        f"group {group} has AL2023_x86_64_STANDARD; run make replace-nodes STACK=prod "
        "POOL=general to replace the nodes zone by zone (docs/replace-nodes.md)",
    ], "an operator would fix one problem after the other"
    assert set(registered) == {"pulumi:pulumi:Stack", "pulumi:providers:aws"}


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (change_ami_type, []),
        (older, ["ha-eks:cluster.version"]),
        (other_zones, ["ha-eks:network.controlPlaneZones"]),
        (other_vpc, [f"ha-eks:network.existing.privateSubnets.{zone}" for zone in ZONES]),
    ],
)
def test_a_replacement_is_let_through_and_nothing_beside_it(
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


def test_only_apps_with_alarms_of_the_cell_have_served(tmp_path: Path, account: FakeCloud) -> None:
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
    "asks",
    [
        "eks/getClusters", "eks/getCluster", "eks/getNodeGroups", "eks/getNodeGroup",
        "resourcegroupstaggingapi/getResources",
    ],
)  # fmt: skip
def test_what_aws_does_not_answer_is_an_error_and_no_new_cell(
    tmp_path: Path, account: FakeCloud, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    token = f"aws:{asks}:{asks.partition('/')[2]}"
    failed: Answer = ({}, [("", "ExpiredToken")])
    answer(monkeypatch, lambda args: failed if args.token == token else None)
    with pytest.raises(RecordingError, match=f"{token}: no made-up output"):
        live(tmp_path)
