"""The settings reference, docs/settings.md."""

import functools
import re
from collections.abc import Iterator
from typing import Any, cast

import yaml
from pydantic import BaseModel, RootModel

from settings.aws import Aws
from settings.reading.shared_file import EXTENDS, Extends
from settings.stack import NAMESPACE, OPTIONAL, REQUIRED
from settings.workload.container import Container
from settings.workload.deployed import Deployed
from settings.workload.replicated import Replicated
from settings.workload.served import Served
from settings.workload.workload import Workload
from tools.reference.docstrings import field_docs, own_fields
from tools.reference.examples import example_of
from tools.reference.schema import models_in, models_of

_INTRODUCTION = """# Settings

All keys of a stack file, `Pulumi.<stack>.yaml`. This page is generated from the models in
[`settings/`](../settings) by `make reference`; a test keeps it current. `settings.schema.json`
has the same content for editors, and `shared.schema.json` that of a shared file.

Rules across several keys are beside each model, in `settings/<key>/*rules.py`; their error messages
say what to write. Set a nested key on the command line with
`pulumi config set --path ha-eks:network.nat single`.
"""


_BASES: tuple[type[BaseModel], ...] = (Container, Workload, Deployed, Served, Replicated)
"""Base models of the kinds of workload."""

_WORKLOADS = "workloads"
"""Anchor of the section of the keys that several kinds of workload have."""

_UNITS = {
    "Days": "days",
    "Gib": "GiB",
    "Milliseconds": "milliseconds",
    "Minutes": "minutes",
    "Percent": "percent",
    "Percentage": "percent",
    "Seconds": "seconds",
}
"""Unit of a number, by the end of its key."""

_DEFAULT = re.compile(r"Default: (.*?)\.(?=\s|$)\s*")
"""Sentence of a docstring that gives the default."""


def page() -> str:
    """Returns the page as Markdown: a section for each top-level key, a table for each model."""
    parts = [_INTRODUCTION, *_section("aws", Aws, required=True, separator=":")]
    parts += _section(EXTENDS, Extends, required=False)
    for name, model in REQUIRED.items():
        parts += _section(f"{NAMESPACE}:{name}", model, required=True)
    parts += _workloads()
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
        if issubclass(each, RootModel) or each in _shared():
            continue
        if each is not model:
            yield f"### {anchor}: {each.__name__}\n\n{_text(each)}{_bases(each)}\n"
        yield from _table(each, anchor)


def _workloads() -> Iterator[str]:
    """Yields the section of the keys that several kinds of workload have."""
    yield f'<a id="{_WORKLOADS}"></a>\n\n## Keys of workloads\n'
    yield (
        "Apps, workers, singletons and cron jobs have the keys of this section, except where a "
        "table belongs to some of them only.\n"
    )
    for each in _shared():
        yield f"### {_WORKLOADS}: {each.__name__}\n\n{_text(each)}{_bases(each)}\n"
        yield from _table(each, _WORKLOADS)


def _table(model: type[BaseModel], anchor: str) -> Iterator[str]:
    yield "| key | type, range, unit | default | example | meaning |\n|---|---|---|---|---|"
    yield from _rows(model, anchor)
    yield ""


def _bases(model: type[BaseModel]) -> str:
    """Returns a sentence with links to the tables of the keys that a model has from its bases."""
    bases = [base for base in model.__mro__[1:] if base in _BASES]
    links = ", ".join(f"[{each.__name__}]({_link(each.__name__, '')})" for each in bases)
    return f" Further keys: {links}." if links else ""


def _link(name: str, anchor: str) -> str:
    """Returns the link to the table of a model in the section with an anchor."""
    shared = name in {each.__name__ for each in _shared()}
    return f"#{_WORKLOADS if shared else anchor.lower()}-{name.lower()}"


@functools.cache
def _shared() -> dict[type[BaseModel], None]:
    """Returns the models of the keys that several kinds of workload have."""
    return {each: None for base in _BASES for each in models_in(base)}


def _text(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _rows(model: type[BaseModel], anchor: str) -> Iterator[str]:
    """Yields a line of the table for each key of a model of the section with an anchor."""
    definition = model.model_json_schema(by_alias=True)
    docs = field_docs(model)
    inherited = {name for base in model.__mro__[1:] if base in _BASES for name in own_fields(base)}
    for name, field in model.model_fields.items():
        if name in inherited - own_fields(model):
            continue
        alias = field.alias or name
        described = definition["properties"][alias]
        meaning = docs[name]
        stated = _DEFAULT.search(meaning)
        if field.is_required():
            default = "required"
        else:
            own = None if models_of(field.annotation) else described.get("default")
            default = stated[1] if stated else _value(own)
        example = example_of(model, alias)
        cells = (
            f"`{alias}`",
            ", ".join(filter(None, (_type(described, anchor), _unit(alias, described)))),
            default,
            "" if example is None else _value(example),
            " ".join(_DEFAULT.sub("", meaning).replace("Required.", "").split()),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value(value: object) -> str:
    """Returns a value as the YAML of a stack file has it, or nothing for no value."""
    if value in (None, {}, []):
        return ""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000)
    return f"`{text.removesuffix('...' + chr(10)).strip()}`"


def _unit(alias: str, described: dict[str, Any]) -> str:  # Any: JSON of any shape
    """Returns the unit of a number, by the last word of its key. A rate, such as
    `requestsPerFiveMinutes`, has none."""
    shapes = (described, *described.get("anyOf", ()))
    if not any({"integer", "number"} & {_type_of(each)} for each in shapes):
        return ""
    words = re.findall(r"[A-Z]?[a-z]+", alias)
    return "" if "Per" in words else _UNITS.get(words[-1].capitalize(), "")


def _type_of(described: dict[str, Any]) -> str:  # Any: JSON of any shape
    """Returns the JSON type of a field, or of its values if only certain numbers are allowed."""
    values = described.get("enum", [])
    numbers = bool(values) and all(isinstance(each, int) for each in values)
    return "integer" if numbers else str(described.get("type"))


def _type(described: dict[str, Any], anchor: str) -> str:  # Any: JSON of any shape
    """Returns type and range of a field, in words; a model as a link to its table."""
    if "anyOf" in described:
        options = [each for each in described["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(_type(each, anchor) for each in options))
    if "enum" in described:
        return ", ".join(f"`{each}`" for each in described["enum"])
    if "const" in described:
        return f"`{described['const']}`"
    if "$ref" in described:
        name = described["$ref"].rpartition("/")[2]
        return f"[{name}]({_link(name, anchor)})"
    match described.get("type"):
        case "array":
            return f"list of {_type(described.get('items', {}), anchor)}"
        case "object":
            values = described.get("additionalProperties")
            if not isinstance(values, dict):
                return "mapping"
            return f"mapping of names to {_type(cast('dict[str, Any]', values), anchor)}"
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
