"""What a node group keeps for its life, and the two steps in which it is replaced.

Recorded from the whole program: Pulumi's mocks show no resource options.
"""

import dataclasses
import functools
import tempfile
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings.node_replacement import VARIABLE
from tests.conftest import STACKS, recording_of
from tests.settings.stack_files import config_of
from tools.recording import Recording, Resource, record
from tools.recording.record import ROOT
from tools.rehearsal.edits import EDITS
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.edits.nodes import change_ami_type
from tools.rehearsal.fake_cloud.replaces import replacing_inputs

GROUP = "aws:eks/nodeGroup:NodeGroup"
GROUPS = ("nodes-general-us-east-1a", "nodes-general-us-east-1b")
"""Those of dev."""

DESIRED = "scalingConfig.desiredSize"
FIXED = {"clusterName", "launchTemplate", "nodeRoleArn"}
"""Inputs that replace a node group, and come from parts of the cell that no setting replaces."""

_TABLE: Mapping[str, Any] = tomllib.loads(
    (Path(ROOT) / "tools/rehearsal/fake_cloud/replaces.toml").read_text(encoding="utf-8")
)
REPLACING = {path.split(".")[0] for path in _TABLE[GROUP]["inputs"]}
"""Inputs whose change replaces a node group."""


def ignored(group: Resource) -> set[str]:
    names = group.options["ignoreChanges"]
    assert isinstance(names, list)
    assert len(names) == len(set(names))
    return set(names)


@functools.cache
def told(variable: str) -> Recording:
    """The plan of dev by a program that is told of a step."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(
            f"import os, runpy\nos.environ[{VARIABLE!r}] = {variable!r}\n"
            f"runpy.run_path({str(ROOT / '__main__.py')!r}, run_name='__main__')\n",
            encoding="utf-8",
        )
        return record("dev", program=program)


def others(recording: Recording, group: str) -> list[Resource]:
    return [each for each in recording.resources if (each.type, each.name) != (GROUP, group)]


def of(recording: Recording, group: str) -> Resource:
    [found] = [each for each in recording.of_type(GROUP) if each.name == group]
    return found


def test_a_running_node_group_keeps_what_would_replace_it(recording: Recording) -> None:
    for group in recording.of_type(GROUP):
        kept = ignored(group) - {DESIRED}
        would = {each for each in REPLACING if each in group.inputs}
        assert would - kept <= FIXED, "Pulumi would replace it in all zones at once"
        assert not kept & FIXED, "a group of another cluster or role would never be seen"
        assert kept <= REPLACING, "what is changed in place would be dropped without a word"
        assert "retainOnDelete" not in group.options, "make down would leave its nodes behind"


def test_the_autoscaler_s_nodes_are_never_taken_back(recording: Recording) -> None:
    for group in (*recording.of_type(GROUP), *told(f"create:{GROUPS[0]}").of_type(GROUP)):
        assert DESIRED in ignored(group)


def test_all_that_can_be_kept_is_kept_by_every_group() -> None:
    groups = [each for name in (*STACKS, "wide") for each in recording_of(name).of_type(GROUP)]
    kept = ignored(groups[0]) - {DESIRED}
    assert [each for each in groups if ignored(each) != kept | {DESIRED}] == []
    given = {key for each in groups for key in each.inputs}
    assert kept == (REPLACING & given) - FIXED


def test_no_edit_of_a_stack_file_would_replace_a_node_group_at_once(tmp_path: Path) -> None:
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
        before, after = of(recording_of("dev"), name), of(edited, name)
        replaced = replacing_inputs(GROUP, before.inputs, after.inputs)
        assert replaced >= {"amiType", "capacityType", "instanceTypes"}
        assert replaced <= ignored(after)


@pytest.mark.parametrize("group", GROUPS)
def test_the_group_that_is_made_anew_takes_what_the_file_says_and_no_other_does(
    group: str,
) -> None:
    plain, making = recording_of("dev"), told(f"create:{group}")
    assert ignored(of(making, group)) == {DESIRED}
    assert others(making, group) == others(plain, group)
    assert of(making, group) == dataclasses.replace(
        of(plain, group), options={"ignoreChanges": [DESIRED]}
    )


@pytest.mark.parametrize("group", GROUPS)
def test_the_group_that_leaves_the_state_stays_in_aws_and_no_other_does(group: str) -> None:
    plain, leaving = recording_of("dev"), told(f"retain:{group}")
    assert others(leaving, group) == others(plain, group)
    options = {**of(plain, group).options, "retainOnDelete": True}
    assert of(leaving, group) == dataclasses.replace(of(plain, group), options=options)


@pytest.mark.parametrize("step", ["create", "retain"])
def test_a_step_of_a_group_that_is_not_there_changes_nothing(step: str) -> None:
    assert told(f"{step}:nodes-general").resources == recording_of("dev").resources
