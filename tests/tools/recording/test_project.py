"""Pulumi.yaml: what is missing or wrong is one line each, without a stack trace."""

from pathlib import Path

import pytest

from settings import SettingsError
from tools.recording.project import read_project
from tools.recording.record import ROOT

DISABLED = "config: {'pulumi:disable-default-providers': {value: [aws]}}\n"


def test_the_project_of_the_program_is_read() -> None:
    project = read_project(ROOT / "Pulumi.yaml")
    assert project.name == "ha-eks"
    assert project.without_default_provider == {"aws", "kubernetes"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "Pulumi.yaml: file: not found; restore this file from git"),
        ("name: [", "Pulumi.yaml:1: file: not valid YAML: a [ or { is not closed, or a comma is"),
        (DISABLED, "Pulumi.yaml: name: required, as in ha-eks: name: ha-eks"),
        ("name: [ha]\n" + DISABLED, "Pulumi.yaml: name: required, as in ha-eks: name: ha-eks"),
        (
            "name: ha-eks\n",
            "Pulumi.yaml: config.pulumi:disable-default-providers: required, as in ha-eks: value: "
            "[aws, kubernetes]",
        ),
    ],
    ids=["missing", "not YAML", "without name", "with another name", "without config"],
)
def test_a_project_that_cannot_be_read_is_one_line(
    text: str | None, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "Pulumi.yaml"
    if text:
        file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_project(file)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) == 1
