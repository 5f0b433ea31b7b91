"""Tests of the name of a stack, which is the name of its cluster in AWS."""

from pathlib import Path

import pytest
from pulumi.runtime import settings as pulumi_settings

from settings import SettingsError, check_stack, load
from tests.settings.stack_files import config_of, refused, text_of


def message(name: str) -> str:
    return (
        f'EKS refuses "{name}" as the name of a cluster; rename the stack to at most 100 letters, '
        "digits, - and _, beginning with a letter or digit"
    )


@pytest.mark.parametrize("name", ["prod.x", "_x", "-x", "x" * 101, "pröd"])
def test_a_stack_name_that_eks_refuses_is_a_problem(tmp_path: Path, name: str) -> None:
    [problem] = refused(tmp_path, name, text_of("dev"))
    assert (problem.key, problem.message) == ("stack name", message(name))


@pytest.mark.parametrize("name", ["p", "9-x_Y", "x" * 100, "Default"])
def test_a_stack_name_that_eks_accepts_is_accepted(name: str) -> None:
    settings, problems = check_stack(name, config_of("dev"))
    assert settings is not None
    assert problems == []


def test_the_stack_name_is_reported_with_the_other_problems() -> None:
    settings, problems = check_stack("prod.x", {**config_of("dev"), "aws:region": "mars"})
    assert settings is None
    assert [each.key for each in problems] == ["stack name", "aws:region"]


def test_the_program_refuses_the_stack_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi_settings.SETTINGS, "stack", "prod.x")
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value).splitlines()[0] == (
        f"Pulumi.prod.x.yaml: stack name: {message('prod.x')}"
    )
