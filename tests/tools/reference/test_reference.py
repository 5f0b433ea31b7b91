"""The settings reference and the JSON schema follow from the models, and describe every key."""

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from settings.stack import NAMESPACE, OPTIONAL, REQUIRED
from tools.recording.record import ROOT
from tools.reference.page import page
from tools.reference.schema import schema

SCHEMA: dict[str, Any] = json.loads((ROOT / "settings.schema.json").read_text(encoding="utf-8"))
FILES = [*ROOT.glob("Pulumi.*.yaml"), *(ROOT / "examples").glob("Pulumi.*.yaml")]


def errors(document: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)]


def test_the_committed_files_are_current() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == page(), "run `make reference`"
    assert (ROOT / "settings.schema.json").read_text(encoding="utf-8") == schema(), (
        "run `make reference`"
    )


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_schema_accepts_every_stack_file_of_the_project(file: Any) -> None:
    text = file.read_text(encoding="utf-8")
    assert errors(yaml.safe_load(text)) == []
    folder = "./" if file.parent == ROOT else "../"
    assert text.startswith(f"# yaml-language-server: $schema={folder}settings.schema.json\n")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ha-eks:netwrok",), {}),
        (("aws:regoin",), "us-east-1"),
        (("ha-eks:network", "natt"), "single"),
        (("ha-eks:network", "nat"), "singel"),
        (("ha-eks:apps", "web", "replicas", "needed"), "4"),
        (("ha-eks:apps", "web", "expose", "pathh"), "/"),
    ],
)
def test_the_schema_refuses_a_key_or_value_that_does_not_exist(path: Any, value: object) -> None:
    document = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8"))
    at = document["config"]
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert len(errors(document)) == 1


def test_every_section_has_an_anchor_that_messages_link_to() -> None:
    text = page()
    for key in SCHEMA["properties"]["config"]["properties"]:
        anchor = "aws" if key.startswith("aws:") else key.replace(":", "-")
        assert f'<a id="{anchor}"></a>' in text


def test_pulumi_yaml_declares_every_key_in_one_line_with_a_link() -> None:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    declared = {key: value for key, value in project.items() if ":" not in key}
    assert {*declared} == {*REQUIRED, *OPTIONAL}
    for key, value in declared.items():
        assert value["description"].endswith(f"; docs/settings.md#{NAMESPACE}-{key}")
        assert value["type"] == "object"
        assert ("default" in value) == (key in OPTIONAL), "the CLI requires keys without a default"
