"""The settings reference and the JSON schema follow from the models, and describe every key."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import RootModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from settings.aws import Aws
from settings.reading.section import Section
from settings.reading.shared_file import is_shareable
from settings.stack import NAMESPACE, OPTIONAL, REQUIRED
from tests.settings.stack_files import config_of
from tools.recording.record import ROOT
from tools.reference.docstrings import field_docs
from tools.reference.examples import example_of, examples
from tools.reference.page import page
from tools.reference.schema import models_in, schema, shared_schema
from tools.rules.page import page as rules_page

SCHEMA: dict[str, Any] = json.loads((ROOT / "settings.schema.json").read_text(encoding="utf-8"))
FILES = [*ROOT.glob("Pulumi.*.yaml"), *(ROOT / "examples").glob("Pulumi.*.yaml")]


def errors(document: Any, schema: Any = SCHEMA) -> list[str]:
    validator: Any = Draft202012Validator(schema)  # its stubs are incomplete
    return [error.message for error in validator.iter_errors(document)]


def test_the_committed_files_are_current() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == page(), "run `make reference`"
    rules = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert rules == rules_page(), "run `make reference`"
    assert (ROOT / "settings.schema.json").read_text(encoding="utf-8") == schema(), (
        "run `make reference`"
    )
    shared = (ROOT / "shared.schema.json").read_text(encoding="utf-8")
    assert shared == shared_schema(), "run `make reference`"


def test_a_duration_has_its_unit_and_a_rate_has_none() -> None:
    text = page()
    assert "| `nodeProvisionMinutes` | whole number 4 to 14, minutes |" in text
    assert "| `requestsPerFiveMinutes` | whole number 10 to 2000000000 |" in text


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
    document = {"config": config_of("prod")}
    at = document["config"]
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert len(errors(document)) == 1


SHARED: dict[str, Any] = json.loads((ROOT / "shared.schema.json").read_text(encoding="utf-8"))


def shared_errors(config: Any) -> list[str]:
    return errors({"config": config}, SHARED)


def test_the_schema_of_shared_files_accepts_that_of_the_project() -> None:
    Draft202012Validator.check_schema(SHARED)
    text = (ROOT / "apps.yaml").read_text(encoding="utf-8")
    assert shared_errors(yaml.safe_load(text)["config"]) == []
    assert text.startswith("# yaml-language-server: $schema=./shared.schema.json\n")


PARTS: list[tuple[Any, int]] = [
    ({"ha-eks:apps": {"web": {"image": "web:1"}}}, 0),
    ({"ha-eks:apps": {"web": {"traced": None}, "cache": None}}, 0),
    ({"ha-eks:pools": {}}, 0),
    ({"ha-eks:apps": {"web": {"imgae": "web:1"}}}, 1),
    ({"ha-eks:apps": {"web": {"port": "80"}}}, 1),
]


@pytest.mark.parametrize(("config", "count"), PARTS)
def test_a_shared_file_and_the_stack_files_that_extend_it_have_parts_of_sections(
    config: Any, count: int
) -> None:
    network = config_of("prod")["ha-eks:network"]
    own = {"aws:region": "us-east-1", "ha-eks:network": network, **config}
    assert len(errors({"config": {"ha-eks:extends": "apps.yaml", **own}})) == count
    assert len(shared_errors(config)) == count
    assert errors({"config": own}), "a stack file without a shared file has complete sections"


def test_the_schema_of_shared_files_refuses_a_section_of_one_cell() -> None:
    for key in ("ha-eks:network", "ha-eks:traffic", "ha-eks:extends", "aws:region"):
        assert len(shared_errors({key: {}})) == 1


def test_every_section_has_an_anchor_that_messages_link_to() -> None:
    text = page()
    for key in SCHEMA["properties"]["config"]["else"]["properties"]:
        anchor = "aws" if key.startswith("aws:") else key.replace(":", "-")
        assert f'<a id="{anchor}"></a>' in text


def test_pulumi_yaml_declares_every_key_in_one_line_with_a_link() -> None:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    declared = {key: value for key, value in project.items() if ":" not in key}
    assert {*declared} == {"extends", *REQUIRED, *OPTIONAL}
    types = {"protected": "boolean", "extends": "string"}
    for key, value in declared.items():
        assert value["description"].endswith(f"; docs/settings.md#{NAMESPACE}-{key}")
        assert value["type"] == types.get(key, "object")
        required = key in REQUIRED and not is_shareable(f"{NAMESPACE}:{key}")
        assert ("default" in value) != required, "the CLI requires keys without a default"


MODELS = {
    each.__name__: each
    for top in (Aws, *REQUIRED.values(), *OPTIONAL.values())
    for each in models_in(top)
    if not issubclass(each, RootModel)
}
NAMED = {base.__name__: base for each in MODELS.values() for base in each.__mro__
         if issubclass(base, Section)}  # fmt: skip
"""Models and their bases, by name."""
FIELDS: Mapping[str, tuple[FieldInfo, dict[str, Any], str, object]] = {
    f"{model}.{key}": (field, properties[key], docs.get(name, ""), example)
    for model, each in MODELS.items()
    for docs in [field_docs(each)]
    for properties in [each.model_json_schema(by_alias=True)["properties"]]
    for name, field in each.model_fields.items()
    for key in [field.alias or name]
    for example in [example_of(each, key)]
}
"""Each field with its schema, its docstring and its example."""


def test_every_field_is_described() -> None:
    missing = [name for name, (_, _, doc, _) in FIELDS.items() if not doc]
    assert not missing, "\n".join(missing)


def test_every_field_shows_what_to_write() -> None:
    explaining = ('"$ref"', '"enum"', '"const"', '"boolean"')
    missing = [
        name
        for name, (_, described, _, example) in FIELDS.items()
        if example is None
        and described.get("default") in (None, {}, [])
        and not any(each in json.dumps(described) for each in explaining)
    ]
    assert not missing, "tools/reference/examples.yaml has no example of " + ", ".join(missing)


def test_every_example_is_accepted() -> None:
    refused: list[str] = []
    for name, (field, _, _, example) in FIELDS.items():
        if example is not None:
            model = create_model("Example", value=(cast("Any", field.annotation), field))
            try:
                model.model_validate({field.alias or "value": example})
            except ValidationError as error:
                refused.append(f"{name}: {error}")
    assert not refused, "\n".join(refused)


def test_the_default_in_a_docstring_is_that_of_the_model() -> None:
    different: list[str] = []
    for name, (field, described, doc, _) in FIELDS.items():
        stated = re.search(r"Default: (`[^`]*`|[\d.]*\d|true|false)\.(?=\s|$)", doc)
        if stated and not field.is_required() and described.get("default") not in (None, {}, []):
            value = yaml.safe_load(stated[1].strip("`"))
            if value != described["default"]:
                different.append(f"{name}: {value!r} instead of {described['default']!r}")
    assert not different, "\n".join(different)


def test_every_example_belongs_to_a_field() -> None:
    unknown = {
        f"{model}.{key}"
        for model, values in examples().items()
        for key in values
        if model not in NAMED
        or key not in {field.alias or name for name, field in NAMED[model].model_fields.items()}
    }
    assert unknown == set()


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    text = page()
    headings = {
        re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("###")
    }
    assert {*re.findall(r"\]\(#([^)]*)\)", text)} <= headings
