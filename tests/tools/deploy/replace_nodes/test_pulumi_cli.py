"""The interface to Pulumi, with a script in place of the Pulumi CLI."""

from collections.abc import Callable
from pathlib import Path

import pytest

from settings.node_replacement import VARIABLE, Replacement
from tests.tools.deploy.replace_nodes.scripts import Script
from tools.deploy.programs import ProgramError
from tools.deploy.replace_nodes.interfaces import REMEDY, ReplaceError
from tools.deploy.replace_nodes.pulumi_cli import PulumiCli

GROUP = "urn:pulumi:prod::ha-eks::ha-eks:index:NodeGroups$aws:eks/nodeGroup:NodeGroup::nodes-a"
TEMPLATE = "urn:pulumi:prod::ha-eks::ha-eks:index:NodeGroups$aws:ec2/launchTemplate::nodes"
RETAIN = Replacement(step="retain", group="nodes-a")
EXPORT = "[stack][export][--stack][prod]"


@pytest.fixture
def program(tmp_path: Path) -> Script:
    return Script(tmp_path, "pulumi")


@pytest.fixture
def engine(program: Script, tmp_path: Path) -> PulumiCli:
    return PulumiCli(str(program.file), "prod", tmp_path)


def test_only_the_named_resources_are_updated_without_a_prompt(
    program: Script, engine: PulumiCli
) -> None:
    engine.up(RETAIN, [GROUP, TEMPLATE])
    assert program.calls() == [
        f"[up][--stack][prod][--yes][--skip-preview][--target][{GROUP}][--target][{TEMPLATE}]"
    ]


def test_the_step_is_added_to_the_environment(
    program: Script, engine: PulumiCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "cells")
    seen = tmp_path / "environment"
    program.prints(otherwise=f"echo ${VARIABLE} $AWS_PROFILE $PWD > '{seen}'")
    engine.up(Replacement(step="create", group="nodes-a"), [GROUP])
    assert seen.read_text() == f"create:nodes-a cells {tmp_path}\n"


def test_the_output_of_pulumi_goes_to_the_terminal(
    program: Script, engine: PulumiCli, capfd: pytest.CaptureFixture[str]
) -> None:
    program.prints(otherwise="echo updating; echo warning >&2")
    engine.up(RETAIN, [GROUP])
    assert capfd.readouterr() == ("updating\n", "warning\n")


def test_a_failed_up_stops_the_replacement(program: Script, engine: PulumiCli) -> None:
    program.prints(otherwise="exit 255")
    with pytest.raises(ReplaceError) as caught:
        engine.up(RETAIN, [GROUP])
    assert str(caught.value) == f"pulumi up of nodes-a failed, see its output; {REMEDY}"


def test_a_node_group_is_found_in_the_state_by_its_urn(program: Script, engine: PulumiCli) -> None:
    resources = [
        {"urn": TEMPLATE, "id": "lt-1"},
        {"urn": GROUP, "id": "prod:nodes-old", "delete": True},
        {"urn": GROUP, "id": "prod:nodes-new"},
    ]
    program.prints(("stack export", {"deployment": {"resources": resources}}))
    assert engine.node_group(GROUP) == "nodes-new", "the former node group would be kept"
    assert engine.node_group(f"{GROUP}-b") is None
    assert program.calls() == [EXPORT, EXPORT]


def test_a_node_group_that_is_pending_deletion_is_ignored(
    program: Script, engine: PulumiCli
) -> None:
    deleted = {"urn": GROUP, "id": "prod:nodes-old", "delete": True}
    program.prints(("stack export", {"deployment": {"resources": [deleted]}}))
    assert engine.node_group(GROUP) is None


@pytest.mark.parametrize("deployment", [{}, {"resources": None}, {"resources": []}])
def test_an_empty_state_has_no_resources(
    program: Script, engine: PulumiCli, deployment: dict[str, object]
) -> None:
    program.prints(("stack export", {"version": 3, "deployment": deployment}))
    assert engine.resources() == []
    assert engine.node_group(GROUP) is None


def test_the_kubeconfig_is_read_with_its_secrets(program: Script, engine: PulumiCli) -> None:
    program.prints(("stack output kubeconfig --show-secrets", '{"kind": "Config"}'))
    assert engine.kubeconfig() == '{"kind": "Config"}\n'
    assert program.calls() == ["[stack][output][kubeconfig][--show-secrets][--stack][prod]"]


def test_an_error_of_pulumi_is_the_message(program: Script, engine: PulumiCli) -> None:
    program.prints(otherwise="echo 'error: no stack named prod found' >&2; exit 1")
    with pytest.raises(ProgramError) as caught:
        engine.resources()
    assert str(caught.value) == "pulumi stack export: error: no stack named prod found"


@pytest.mark.parametrize(
    ("action", "description", "remedy"),
    [
        (lambda engine: engine.resources(), "stack export", ""),
        (lambda engine: engine.kubeconfig(), "stack output kubeconfig", ""),
        (lambda engine: engine.up(RETAIN, [GROUP]), "up of nodes-a", f"; {REMEDY}"),
    ],
)
def test_a_missing_pulumi_is_reported_in_one_line(
    program: Script,
    engine: PulumiCli,
    action: Callable[[PulumiCli], object],
    description: str,
    remedy: str,
) -> None:
    program.file.unlink()
    with pytest.raises((ProgramError, ReplaceError)) as caught:
        action(engine)
    error = f"[Errno 2] No such file or directory: '{program.file}'"
    assert str(caught.value) == f"pulumi {description}: {error}{remedy}"
