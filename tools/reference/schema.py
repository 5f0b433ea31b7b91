"""The JSON schemas of a stack file and of a shared file, for editors."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast, get_args

from pydantic import BaseModel, RootModel

from settings.aws import Aws
from settings.reading.shared_file import EXTENDS, Extends, is_shareable
from settings.stack import NAMESPACE, OPTIONAL, REQUIRED
from tools.reference.docstrings import field_docs
from tools.reference.examples import example_of

Json = dict[str, Any]  # Any: JSON of any shape


def schema() -> str:
    """Returns the schema of `Pulumi.<stack>.yaml` as JSON text.

    A stack file that extends a shared file has only parts of the sections.
    """
    definitions: Json = {}
    config = _config(definitions)
    names = [f"{NAMESPACE}:{name}" for name in REQUIRED]
    extends = {EXTENDS: _of(Extends, definitions)}
    complete = {**config, **extends}
    parts = {key: _part(value) if is_shareable(key) else value for key, value in config.items()}
    required = [name for name in names if not is_shareable(name)]
    choice = {
        "if": {"required": [EXTENDS]},
        "then": {"properties": {**parts, **extends}, "required": required, **_OTHER_NAMESPACES},
        "else": {"properties": complete, "required": names, **_OTHER_NAMESPACES},
    }
    used = _used(choice, {**definitions, **_parts(definitions)})
    document = _document("Stack file of ha-eks", used, choice)
    document["properties"] |= {
        "encryptionsalt": {"type": "string"},
        "encryptedkey": {"type": "string"},
        "secretsprovider": {"type": "string"},
    }
    return _text(document)


def shared_schema() -> str:
    """Returns the schema of a shared file as JSON text."""
    definitions: Json = {}
    config = _config(definitions)
    parts = {key: _part(value) for key, value in config.items() if is_shareable(key)}
    closed = {"properties": parts, "additionalProperties": False}
    used = _used(parts, _parts(definitions))
    return _text(_document("Shared file of ha-eks", used, closed))


_OTHER_NAMESPACES: Json = {
    "patternProperties": {f"^(?!{NAMESPACE}:|aws:)": {}},
    "additionalProperties": False,
}


def _config(definitions: Json) -> Json:
    """Returns the schema of each key but `extends`, and adds the models to `definitions`."""
    config = {
        f"{NAMESPACE}:{name}": _of(model, definitions)
        for name, model in {**REQUIRED, **OPTIONAL}.items()
    }
    aws = _of(Aws, definitions)
    for name, value in definitions.pop(aws["$ref"].rpartition("/")[2])["properties"].items():
        config[f"aws:{name}"] = value
    return config


def _document(title: str, definitions: Json, config: Json) -> Json:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "required": ["config"],
        "properties": {"config": {"type": "object", **config}},
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _text(document: Json) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_PART = "Part"
"""End of the names of models in a file that has only parts of the sections."""


def _parts(definitions: Json) -> Json:
    """Returns the schemas of models of which a file has only parts: no key is required."""
    return {f"{name}{_PART}": _part(value) for name, value in definitions.items()}


def _part(described: Any) -> Any:  # Any: JSON of any shape
    """Returns the schema of a part of a value: no key is required, and null removes a key."""
    if isinstance(described, list):
        return [_part(each) for each in cast("list[Any]", described)]
    if not isinstance(described, dict):
        return described
    found = cast("Json", described)
    part = {
        key: value if key in ("default", "examples", "enum") else _part(value)
        for key, value in found.items()
        if key not in ("required", "minProperties")
    }
    if "$ref" in found:
        part["$ref"] = f"{found['$ref']}{_PART}"
    if isinstance(found.get("properties"), dict):
        part["properties"] = {key: _or_null(each) for key, each in part["properties"].items()}
    if isinstance(found.get("additionalProperties"), dict):
        part["additionalProperties"] = _or_null(part["additionalProperties"])
    return part


def _or_null(described: Json) -> Json:
    return {"anyOf": [described, {"type": "null"}]}


def _used(described: object, definitions: Json) -> Json:
    """Returns the definitions to which a schema refers, also through other definitions."""
    used: Json = {}
    pending = [described]
    while pending:
        names = set(re.findall(r"#/\$defs/(\w+)", json.dumps(pending.pop())))
        pending += [definitions[name] for name in names - used.keys()]
        used |= {name: definitions[name] for name in names}
    return used


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
