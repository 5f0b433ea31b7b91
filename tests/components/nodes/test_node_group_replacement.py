"""Inputs of a node group that do not change, and the two steps of its replacement.

The tests record the whole program, because Pulumi's mocks show no resource options.
"""

import dataclasses
import functools
import tempfile
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from core.facts.replacements import replacing_inputs
from settings.node_replacement import VARIABLE
from tests.conftest import STACKS, recording_of
from tests.settings.stack_files import config_of
from tools.recording import Recording, Resource, record
from tools.recording.record import ROOT
from tools.rehearsal.edits import EDITS
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.edits.nodes import change_ami_type

GROUP = "aws:eks/nodeGroup:NodeGroup"
GROUPS = ("nodes-general-us-east-1a", "nodes-general-us-east-1b")
"""Node groups of dev."""

DESIRED = "scalingConfig.desiredSize"
FIXED = {"clusterName", "launchTemplate", "nodeRoleArn"}
"""Inputs that would replace a node group, but that no setting changes."""

_TABLE: Mapping[str, Any] = tomllib.loads(
    (Path(ROOT) / "core/facts/replacements.toml").read_text(encoding="utf-8")
)
REPLACING = {path.split(".")[0] for path in _TABLE[GROUP]["inputs"]}
"""Inputs whose change replaces a node group."""


def ignored(group: Resource) -> set[str]:
    names = cast("list[str]", group.options["ignoreChanges"])
    assert len(names) == len(set(names))
    return set(names)


@functools.cache
def recording_with(variable: str) -> Recording:
    """Returns the recording of dev with a replacement step in the environment."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(
            f"import os, runpy\nos.environ[{VARIABLE!r}] = {variable!r}\n"
            f"runpy.run_path({str(ROOT / '__main__.py')!r}, run_name='__main__')\n",
            encoding="utf-8",
        )
        return record("dev", program=program)


def other_resources(recording: Recording, group: str) -> list[Resource]:
    return [each for each in recording.resources if (each.type, each.name) != (GROUP, group)]


def group_of(recording: Recording, group: str) -> Resource:
    [found] = [each for each in recording.of_type(GROUP) if each.name == group]
    return found


def test_no_change_of_settings_replaces_a_running_node_group(recording: Recording) -> None:
    for group in recording.of_type(GROUP):
        ignored_inputs = ignored(group) - {DESIRED}
        replacing = {each for each in REPLACING if each in group.inputs}
        assert replacing - ignored_inputs <= FIXED, (
            "Pulumi would replace the nodes of all zones at once"
        )
        assert not ignored_inputs & FIXED, "a changed cluster or role would be ignored"
        assert ignored_inputs <= REPLACING, "an in-place change would be ignored"
        assert "retainOnDelete" not in group.options, "make down would leave the nodes running"


def test_pulumi_never_changes_the_size_that_the_autoscaler_set(recording: Recording) -> None:
    for group in (*recording.of_type(GROUP), *recording_with(f"create:{GROUPS[0]}").of_type(GROUP)):
        assert DESIRED in ignored(group)


def test_every_node_group_ignores_every_replacing_input() -> None:
    groups = [each for name in (*STACKS, "wide") for each in recording_of(name).of_type(GROUP)]
    ignored_inputs = ignored(groups[0]) - {DESIRED}
    assert [each for each in groups if ignored(each) != ignored_inputs | {DESIRED}] == []
    used = {key for each in groups for key in each.inputs}
    assert ignored_inputs == (REPLACING & used) - FIXED


def test_no_edit_of_a_stack_file_replaces_a_node_group(tmp_path: Path) -> None:
    config: Config = deepcopy(config_of("dev"))
    for edit in EDITS:
        if edit.applies(config):
            edit.change(config)
    change_ami_type(config)
    pool = next(iter(config["ha-eks:pools"].values()))
    pool["instanceTypes"] = ["m7i.large", "m6i.large"]
    pool["capacityType"] = "SPOT"
    pool.pop("releaseVersion", None)
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
    edited = record("dev", root=tmp_path)
    for name in GROUPS:
        before, after = group_of(recording_of("dev"), name), group_of(edited, name)
        replaced = replacing_inputs(GROUP, before.inputs, after.inputs)
        assert replaced >= {"amiType", "capacityType", "instanceTypes"}
        assert replaced <= ignored(after)


@pytest.mark.parametrize("group", GROUPS)
def test_the_create_step_ignores_no_inputs_of_its_node_group(
    group: str,
) -> None:
    plain, creating = recording_of("dev"), recording_with(f"create:{group}")
    assert ignored(group_of(creating, group)) == {DESIRED}
    assert other_resources(creating, group) == other_resources(plain, group)
    assert group_of(creating, group) == dataclasses.replace(
        group_of(plain, group), options={"ignoreChanges": [DESIRED]}
    )


@pytest.mark.parametrize("group", GROUPS)
def test_the_retain_step_keeps_its_node_group_in_aws(group: str) -> None:
    plain, retaining = recording_of("dev"), recording_with(f"retain:{group}")
    assert other_resources(retaining, group) == other_resources(plain, group)
    options = {**group_of(plain, group).options, "retainOnDelete": True}
    assert group_of(retaining, group) == dataclasses.replace(
        group_of(plain, group), options=options
    )


@pytest.mark.parametrize("step", ["create", "retain"])
def test_a_step_for_an_unknown_node_group_changes_nothing(step: str) -> None:
    assert recording_with(f"{step}:nodes-general").resources == recording_of("dev").resources
