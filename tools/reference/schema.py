"""The JSON schema of a stack file, for editors."""

import json
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, RootModel

from settings.aws import Aws
from settings.stack import NAMESPACE, OPTIONAL, REQUIRED
from tools.reference.docstrings import field_docs
from tools.reference.examples import example_of

Json = dict[str, Any]  # Any: JSON of any shape


def schema() -> str:
    """Returns the schema of `Pulumi.<stack>.yaml` as JSON text."""
    definitions: Json = {}
    config: Json = {}
    for name, model in {**REQUIRED, **OPTIONAL}.items():
        config[f"{NAMESPACE}:{name}"] = _of(model, definitions)
    aws = _of(Aws, definitions)
    for name, value in definitions.pop(aws["$ref"].rpartition("/")[2])["properties"].items():
        config[f"aws:{name}"] = value
    document: Json = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of ha-eks",
        "type": "object",
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "properties": config,
                "required": [f"{NAMESPACE}:{name}" for name in REQUIRED],
                "patternProperties": {f"^(?!{NAMESPACE}:|aws:)": {}},
                "additionalProperties": False,
            },
            "encryptionsalt": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "secretsprovider": {"type": "string"},
        },
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _of(model: type[BaseModel], definitions: Json) -> Json:
    """Reference to the schema of a model, whose definitions are added to `definitions`."""
    own = model.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    definitions |= own.pop("$defs", {})
    for each in models_in(model):
        if not issubclass(each, RootModel):
            described = own if each is model else definitions[each.__name__]
            _describe(each, described["properties"])
    definitions[model.__name__] = own
    return {"$ref": f"#/$defs/{model.__name__}"}


def _describe(model: type[BaseModel], properties: Mapping[str, Json]) -> None:
    for name, text in field_docs(model).items():
        alias = model.model_fields[name].alias or name
        properties[alias]["description"] = text
        example = example_of(model, alias)
        if example is not None:
            properties[alias]["examples"] = [example]


def models_in(model: type[BaseModel]) -> dict[type[BaseModel], None]:
    """Returns a model and those of its fields, each once, in the order of the fields."""
    found: dict[type[BaseModel], None] = {model: None}
    for field in model.model_fields.values():
        for each in models_of(field.annotation):
            found |= models_in(each)
    return found


def models_of(annotation: object) -> list[type[BaseModel]]:
    """Returns the models in the annotation of a field."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_of(part)]
