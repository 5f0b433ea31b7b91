"""Tests of the administrators of a cluster: two principals run Pulumi in turn."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import SettingsError
from tests.settings.stack_files import config_of
from tests.shared_recordings import record_fast
from tests.tools.rehearsal.clouds import build, cloud_for, created_by
from tools.recording import Recording
from tools.recording.made_up_outputs import DEPLOYER as FIRST
from tools.recording.made_up_outputs import SECOND_OPERATOR as SECOND
from tools.recording.made_up_outputs import MadeUpOutputs
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.lookups import look_up

ENTRY = "aws:eks/accessEntry:AccessEntry"
CLUSTER = "aws:eks/cluster:Cluster"
Up = Callable[..., Recording]


@pytest.fixture
def up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Up:
    """Records dev as a principal, over the cell that the previous recording describes."""
    clouds: list[FakeCloud] = []
    rest = MadeUpOutputs.call

    def answer(self: MadeUpOutputs, args: Any) -> Any:
        return (clouds and look_up(clouds[-1], args)) or rest(self, args)

    def run(caller: str, **cluster: object) -> Recording:
        config = config_of("dev")
        config["ha-eks:cluster"].update(cluster)
        (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
        monkeypatch.setattr(
            MadeUpOutputs, "caller", property(lambda _: caller, lambda self, _: None), raising=False
        )
        recording = record_fast("dev", root=tmp_path)
        clouds.append(build(cloud_for(recording, constraints=()), created_by(recording)))
        return recording

    monkeypatch.setattr(MadeUpOutputs, "call", answer)
    return run


def admins(recording: Recording) -> list[str]:
    """Returns the principals with an access entry, sorted."""
    return sorted(each.inputs["principalArn"] for each in recording.of_type(ENTRY))


def problem(up: Up, caller: str, **cluster: object) -> tuple[str, str]:
    """Returns key and message of the only problem of a recording."""
    with pytest.raises(SettingsError) as caught:
        up(caller, **cluster)
    [found] = caught.value.problems
    return found.key, found.message


def test_the_principal_that_creates_the_cell_is_its_deployer(up: Up) -> None:
    assert admins(up(SECOND)) == [SECOND]


def test_the_stack_file_overrides_the_creator_of_the_cell_as_deployer(up: Up) -> None:
    assert admins(up(SECOND, deployer=FIRST)) == [FIRST]


def test_an_admin_that_creates_the_cell_is_not_its_deployer(up: Up) -> None:
    recording = up(FIRST, admins=[SECOND, FIRST])
    assert admins(recording) == [FIRST, SECOND]
    [cluster] = recording.of_type(CLUSTER)
    assert "ha-eks:deployer" not in cluster.inputs["tags"]


def test_the_access_entries_of_two_admins_do_not_depend_on_the_caller(up: Up) -> None:
    listed = {"admins": [FIRST, SECOND]}
    first, second, third = (up(who, **listed) for who in (FIRST, SECOND, FIRST))
    assert admins(first) == admins(second)
    assert {each.urn: each.inputs for each in second.resources} == {
        each.urn: each.inputs for each in third.resources
    }, "an up by one operator locks the other one out"


def test_the_principal_that_created_the_cell_remains_its_deployer(up: Up) -> None:
    up(FIRST)
    up(FIRST, admins=[SECOND])
    assert admins(up(SECOND, admins=[SECOND])) == [FIRST, SECOND]
    assert admins(up(FIRST, admins=[SECOND])) == [FIRST, SECOND]


def test_a_second_operator_without_access_is_refused_with_the_line_to_add(up: Up) -> None:
    up(FIRST)
    assert problem(up, SECOND) == (
        "ha-eks:cluster.admins",
        f"{SECOND} runs Pulumi, but is no administrator of the running cluster; write admins: "
        f"[{SECOND}], and let {FIRST} run make up first (docs/access.md)",
    )


def test_an_admin_that_removes_itself_is_refused(up: Up) -> None:
    up(FIRST, admins=[FIRST, SECOND])
    assert problem(up, FIRST, admins=[SECOND]) == (
        "ha-eks:cluster.admins",
        f"{FIRST} runs Pulumi, but is no administrator of the running cluster; write admins: "
        f"[{SECOND}, {FIRST}], and let {SECOND} run make up first (docs/access.md)",
    )
    assert admins(up(SECOND, admins=[SECOND])) == [SECOND]


def test_the_last_admin_cannot_be_removed(up: Up) -> None:
    up(FIRST, admins=[FIRST])
    assert problem(up, FIRST) == (
        "ha-eks:cluster.admins",
        f"{FIRST} runs Pulumi, but is no administrator of the running cluster; write admins: "
        f"[{FIRST}] (docs/access.md)",
    )


def test_a_deployer_hands_over_only_while_it_keeps_its_access(up: Up) -> None:
    up(FIRST)
    assert problem(up, FIRST, deployer=SECOND) == (
        "ha-eks:cluster.deployer",
        f"{FIRST} runs Pulumi, and would remove its own access to the running cluster; add it to "
        f"admins, and remove it when {SECOND} runs Pulumi (docs/access.md)",
    )
    assert admins(up(FIRST, deployer=SECOND, admins=[FIRST])) == [FIRST, SECOND]
    assert admins(up(SECOND, deployer=SECOND)) == [SECOND]
    assert admins(up(SECOND)) == [SECOND], "the deployer is a tag of the cluster"


@pytest.mark.parametrize("access", ["viewers", "editors"])
def test_a_deployer_by_default_that_is_a_viewer_or_editor_is_refused(up: Up, access: str) -> None:
    principals = {"viewers": [FIRST], "editors": {"web": [FIRST], "cache": [FIRST]}}[access]
    assert problem(up, FIRST, **{access: principals}) == (
        f"ha-eks:cluster.{access}",
        f"{FIRST} is the deployer, a cluster administrator; remove it from {access}, or set "
        "cluster.deployer to another principal",
    )


def test_an_editor_runs_only_an_up_with_targets(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    up(FIRST)
    editors = {"editors": {"web": [SECOND]}}
    assert problem(up, SECOND, **editors) == (
        "ha-eks:cluster.admins",
        f"{SECOND} runs Pulumi, but is no administrator of the running cluster; write admins: "
        f"[{SECOND}], and let {FIRST} run make up first (docs/access.md)",
    )
    monkeypatch.setattr("settings.has_targets", lambda: True)
    assert admins(up(SECOND, **editors)) == [FIRST, SECOND], "no user could release an app"
    assert problem(up, SECOND)[0] == "ha-eks:cluster.admins"
