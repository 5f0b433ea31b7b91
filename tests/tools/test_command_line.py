"""The argument STACK of all commands."""

import argparse
from pathlib import Path

import pytest

from tools.command_line import folder_for_results, stack_name


@pytest.mark.parametrize("text", ["dev", "prod-standby", "a.b", "a" * 100])
def test_a_name_that_pulumi_accepts_is_the_name_of_a_stack(text: str) -> None:
    assert stack_name(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("../prod", "../prod"),
        ("org/prod", "org/prod"),
        ("Pulumi.prod.yaml", "Pulumi.prod.yaml"),
        ("prod\n", r"prod\n"),
        ("dév", "dév"),
        ("\udcff", r"\udcff"),  # a byte that is not UTF-8
        ("a" * 101, "a" * 101),
    ],
)
def test_other_text_is_refused_in_one_line(text: str, shown: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        stack_name(text)
    assert str(caught.value) == f'"{shown}": write a name, such as prod for Pulumi.prod.yaml'


def test_a_folder_for_results_is_created(tmp_path: Path) -> None:
    assert folder_for_results(tmp_path / "build" / "dev").is_dir()


def test_a_folder_without_access_is_refused_before_a_long_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    with pytest.raises(OSError, match="cannot be written") as caught:
        folder_for_results(tmp_path)
    assert caught.value.filename == str(tmp_path)
