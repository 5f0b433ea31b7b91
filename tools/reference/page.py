"""The settings reference, docs/settings.md."""

import json
from collections.abc import Iterator
from typing import Any, cast

from pydantic import BaseModel, RootModel

from settings.aws import Aws
from settings.stack import NAMESPACE, OPTIONAL, REQUIRED
from tools.reference.docstrings import field_docs
from tools.reference.schema import models_in

_INTRODUCTION = """# Settings

All keys of a stack file, `Pulumi.<stack>.yaml`. This page is generated from the models in
[`settings/`](../settings) by `make reference`; a test keeps it current. `settings.schema.json`
has the same content for editors.

Rules across several keys are beside each model, in `settings/<key>/*rules.py`; their error messages
say what to write. Set a nested key on the command line with
`pulumi config set --path ha-eks:network.nat single`.
"""


def page() -> str:
    """Returns the page as Markdown: a section for each top-level key, a table for each model."""
    parts = [_INTRODUCTION, *_section("aws", Aws, required=True, separator=":")]
    for name, model in REQUIRED.items():
        parts += _section(f"{NAMESPACE}:{name}", model, required=True)
    for name, model in OPTIONAL.items():
        parts += _section(f"{NAMESPACE}:{name}", model, required=False)
    return "\n".join(parts)


def _section(
    key: str, model: type[BaseModel], *, required: bool, separator: str = "."
) -> Iterator[str]:
    anchor = key.replace(":", "-")
    yield f'<a id="{anchor}"></a>\n\n## {key}{":*" if separator == ":" else ""}\n'
    yield f"{'Required' if required else 'Optional'}. {_text(model)}\n"
    for each in models_in(model):
        if issubclass(each, RootModel):
            continue
        if each is not model:
            yield f"### {anchor}: {each.__name__}\n\n{_text(each)}\n"
        yield "| key | type | default | meaning |\n|---|---|---|---|"
        yield from _rows(each)
        yield ""


def _text(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _rows(model: type[BaseModel]) -> Iterator[str]:
    definition = model.model_json_schema(by_alias=True)
    docs = field_docs(model)
    for name, field in model.model_fields.items():
        alias = field.alias or name
        described = definition["properties"][alias]
        if field.is_required():
            default = "required"
        else:
            value = described.get("default")
            default = "" if value in (None, {}, []) else f"`{json.dumps(value)}`"
            default = default if len(default) <= 60 else ""
        cells = (f"`{alias}`", _type(described), default, docs.get(name, ""))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _type(described: dict[str, Any]) -> str:  # Any: JSON of any shape
    """Returns type and range of a field, in words."""
    if "anyOf" in described:
        options = [each for each in described["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(_type(each) for each in options))
    if "enum" in described:
        return ", ".join(f"`{each}`" for each in described["enum"])
    if "const" in described:
        return f"`{described['const']}`"
    if "$ref" in described:
        return described["$ref"].rpartition("/")[2]
    match described.get("type"):
        case "array":
            return f"list of {_type(described.get('items', {}))}"
        case "object":
            values = described.get("additionalProperties")
            if not isinstance(values, dict):
                return "mapping"
            return f"mapping of names to {_type(cast('dict[str, Any]', values))}"
        case "integer" | "number":
            low = described.get("minimum", described.get("exclusiveMinimum"))
            high = described.get("maximum", described.get("exclusiveMaximum"))
            if None not in (low, high):
                bounds = f" {low} to {high}"
            elif low is not None:
                bounds = f", at least {low}"
            else:
                bounds = "" if high is None else f", at most {high}"
            return ("whole number" if described["type"] == "integer" else "number") + bounds
        case "boolean":
            return "`true`, `false`"
        case "string":
            return "text"
        case _:
            return "any value"
