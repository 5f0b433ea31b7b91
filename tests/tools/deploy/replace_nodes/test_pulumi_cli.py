"""The Pulumi CLI as the engine of a replacement, over a program that is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from settings.node_replacement import VARIABLE, Replacement
from tests.tools.deploy.replace_nodes.scripts import Program
from tools.deploy.replace_nodes.interfaces import AGAIN, ReplaceError
from tools.deploy.replace_nodes.pulumi_cli import PulumiCli

GROUP = "urn:pulumi:prod::ha-eks::ha-eks:index:NodeGroups$aws:eks/nodeGroup:NodeGroup::nodes-a"
TEMPLATE = "urn:pulumi:prod::ha-eks::ha-eks:index:NodeGroups$aws:ec2/launchTemplate::nodes"
RETAIN = Replacement(step="retain", group="nodes-a")
EXPORT = "[stack][export][--stack][prod]"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, "pulumi")


@pytest.fixture
def engine(program: Program, tmp_path: Path) -> PulumiCli:
    return PulumiCli(str(program.file), "prod", tmp_path)


def test_only_what_is_named_is_brought_up_and_nobody_is_asked(
    program: Program, engine: PulumiCli
) -> None:
    engine.up(RETAIN, [GROUP, TEMPLATE])
    assert program.calls() == [
        f"[up][--stack][prod][--yes][--skip-preview][--target][{GROUP}][--target][{TEMPLATE}]"
    ]


def test_the_program_is_told_of_the_step_and_keeps_its_environment(
    program: Program, engine: PulumiCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "cells")
    seen = tmp_path / "seen"
    program.says(
        fails=f"echo ${VARIABLE} $AWS_PROFILE $PWD ${{PULUMI_OPTION_REFRESH-always}} > '{seen}'"
    )
    engine.up(Replacement(step="create", group="nodes-a"), [GROUP])
    assert seen.read_text() == f"create:nodes-a cells {tmp_path} false\n", (
        "a group that is not in the state yet could not be a target"
    )
    engine.up(RETAIN, [GROUP])
    assert seen.read_text() == f"retain:nodes-a cells {tmp_path} always\n", (
        "the autoscaler's nodes are not in the state"
    )


def test_what_pulumi_tells_goes_to_the_terminal(
    program: Program, engine: PulumiCli, capfd: pytest.CaptureFixture[str]
) -> None:
    program.says(fails="echo updating; echo warning >&2")
    engine.up(RETAIN, [GROUP])
    assert capfd.readouterr() == ("updating\n", "warning\n")


def test_an_up_that_fails_ends_the_replacement(program: Program, engine: PulumiCli) -> None:
    program.says(fails="exit 255")
    with pytest.raises(ReplaceError) as caught:
        engine.up(RETAIN, [GROUP])
    assert str(caught.value) == "pulumi up of nodes-a failed; what it says is above"


def test_a_node_group_is_found_in_the_state_by_its_urn(program: Program, engine: PulumiCli) -> None:
    resources = [
        {"urn": TEMPLATE, "id": "lt-1"},
        {"urn": GROUP, "id": "prod:nodes-old", "delete": True},
        {"urn": GROUP, "id": "prod:nodes-new"},
    ]
    program.says(("stack export", {"deployment": {"resources": resources}}))
    assert engine.node_group(GROUP) == "nodes-new", "the one that is to go would be kept"
    assert engine.node_group(f"{GROUP}-b") is None
    assert program.calls() == [EXPORT, EXPORT]


def test_a_group_that_is_only_left_to_be_deleted_is_none(
    program: Program, engine: PulumiCli
) -> None:
    going = {"urn": GROUP, "id": "prod:nodes-old", "delete": True}
    program.says(("stack export", {"deployment": {"resources": [going]}}))
    assert engine.node_group(GROUP) is None


@pytest.mark.parametrize("deployment", [{}, {"resources": None}, {"resources": []}])
def test_an_empty_state_has_no_resources(
    program: Program, engine: PulumiCli, deployment: dict[str, object]
) -> None:
    program.says(("stack export", {"version": 3, "deployment": deployment}))
    assert engine.resources() == []
    assert engine.node_group(GROUP) is None


def test_the_kubeconfig_is_the_stack_s_with_what_is_secret_in_it(
    program: Program, engine: PulumiCli
) -> None:
    program.says(("stack output kubeconfig --show-secrets", '{"kind": "Config"}'))
    assert engine.kubeconfig() == '{"kind": "Config"}\n'
    assert program.calls() == ["[stack][output][kubeconfig][--show-secrets][--stack][prod]"]


def test_what_pulumi_refuses_to_tell_is_the_error(program: Program, engine: PulumiCli) -> None:
    program.says(fails="echo 'error: no stack named prod found' >&2; exit 1")
    with pytest.raises(ReplaceError) as caught:
        engine.resources()
    assert str(caught.value) == f"pulumi stack export: error: no stack named prod found; {AGAIN}"


@pytest.mark.parametrize(
    "act",
    [lambda engine: engine.resources(), lambda engine: engine.kubeconfig(),
     lambda engine: engine.up(RETAIN, [GROUP])],
    ids=["resources", "kubeconfig", "up"],
)  # fmt: skip
def test_a_program_that_cannot_be_run_is_one_line(
    program: Program, engine: PulumiCli, act: Callable[[PulumiCli], object]
) -> None:
    program.file.unlink()
    with pytest.raises(
        ReplaceError, match=r"^pulumi .*: .*No such file.*; nothing is lost"
    ) as told:
        act(engine)
    assert "\n" not in str(told.value)
