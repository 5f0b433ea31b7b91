"""Messages for values of the wrong shape: type, range and length."""

import json
import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from settings.reading.declared import Declared, declared_at, fields_of, required_keys
from settings.reading.paths import path_of
from settings.reading.problem import Problem
from settings.reading.unknown_keys import REFERENCE, unknown_key
from settings.reading.wording import listed

REQUIRED = "required"
"""Message for a missing key that has no default."""

_TYPES = {
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "finite_number": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "model_type": "a mapping",
    "string_type": "text",
    "tuple_type": "a list",
}
"""Names of types in messages, by the error type of pydantic."""

_ONE_WORD = re.compile(r"[A-Za-z][\w./:-]*")
"""Text that is the same in a list in YAML, without quotes."""
_LONGEST_VALUE = 60
_SHORT_LIST = 5


def shape_problems(
    key: str, error: ValidationError, section: type[BaseModel], reference: str = REFERENCE
) -> Iterator[Problem]:
    """Yields the problems of one key of the stack file, from the errors of pydantic.

    `reference` is the page that lists all keys.
    """
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(_is_nested_in(each, detail) for each in details):
            continue  # pydantic counts only the items that are valid
        parts = tuple(part for part in detail["loc"] if part != "[key]")
        yield Problem(key=path_of(key, parts), message=_message(key, detail, section, reference))


def one_of(choices: Collection[object], value: object = None) -> str:
    """Returns the message for a value that is not among the choices, without the value.

    The message of a long list suggests the choice that is most similar to the value.
    """
    names = [_as_text(choice) for choice in choices]
    if len(names) == 1:
        return f"must be {names[0]}"
    suggest = isinstance(value, str) and len(names) > _SHORT_LIST
    nearest = get_close_matches(str(value), names, n=1) if suggest else []
    advice = f'; did you mean "{nearest[0]}"?' if nearest else ""
    return f"must be one of {', '.join(names)}{advice}"


def _one_of_with_value(choices: Collection[object], value: object) -> str:
    """Returns the message for a value that is not among several choices, with the value."""
    message = one_of(choices, value)
    if len(choices) == 1:
        return _with_value(message, value)
    requirement, semicolon, advice = message.partition(";")
    found = _written_value(value).removeprefix("but has ").removeprefix("not ")
    return f"{requirement}; found {found}{semicolon}{advice}"


def _with_value(message: str, value: object) -> str:
    """Returns a message with the value of the file before the semicolon of any advice."""
    requirement, semicolon, advice = message.partition(";")
    return f"{requirement}, {_written_value(value)}{semicolon}{advice}"


def _written_value(value: object) -> str:
    """Returns the value of the file for the end of a message: `not 5`."""
    if value is None:
        return "but has no value"
    if isinstance(value, dict):
        return "not a mapping"
    if isinstance(value, list | tuple):
        return "not a list"
    text = str(value)
    if isinstance(value, str) and len(text) > _LONGEST_VALUE:
        return f'not "{text[:_LONGEST_VALUE]}…"'
    return f'not "{text}"' if isinstance(value, str) else f"not {_as_text(value)}"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _is_nested_in(detail: ErrorDetails, other: ErrorDetails) -> bool:
    depth = len(other["loc"])
    return len(detail["loc"]) > depth and detail["loc"][:depth] == other["loc"]


def _missing(found: Declared | None) -> str:
    """Returns the message for a missing key, with its values if there are few."""
    if found and found.choices:
        return f"{REQUIRED}; write {listed([_as_text(each) for each in found.choices], 'or')}"
    if found and found.model and (keys := required_keys(found.model)):
        return f"{REQUIRED}; write a mapping with {listed(keys)}"
    return REQUIRED


def _wrong_type(kind: str, found: Declared | None, value: object) -> str:
    """Returns the message for a value of another type, with what to write if that is short."""
    message = _with_value(f"must be {_TYPES[kind]}", value)
    if kind == "model_type" and found and found.model and (keys := required_keys(found.model)):
        return _with_value(f"must be {_TYPES[kind]} with {listed(keys)}", value)
    item = found.child(0) if kind == "tuple_type" and found else None
    if item and item.annotation is str and isinstance(value, str) and _ONE_WORD.fullmatch(value):
        return f"{message}; write [{value}]"
    return message


def _message(key: str, detail: ErrorDetails, section: type[BaseModel], reference: str) -> str:
    kind, parts, value = detail["type"], detail["loc"], cast("object", detail["input"])
    if kind == "missing":
        return _missing(declared_at(section, parts))
    if kind == "extra_forbidden":
        parent = declared_at(section, parts[:-1])
        assert parent  # pydantic reports extra keys of models only
        assert parent.model
        place = path_of(key, parts[:-1])
        return unknown_key(str(parts[-1]), fields_of(parent.model), place, reference)
    if kind == "refused":
        return detail["msg"]
    if kind == "string_type" and isinstance(value, int | float):
        text = _as_text(value)
        return f'must be text, not {text}; write "{text}" in quotes'
    found = declared_at(section, parts)
    if kind in _TYPES:
        return _wrong_type(kind, found, value)
    if found and found.choices:
        if isinstance(value, int | float) and _as_text(value) in found.choices:
            return f'must be text, not {_as_text(value)}; write "{_as_text(value)}" in quotes'
        return _one_of_with_value(found.choices, value)
    if found and found.length and isinstance(value, dict | tuple):
        count = len(cast("dict[str, object] | tuple[object, ...]", value))
        one, several = ("entry", "entries") if isinstance(value, dict) else ("item", "items")
        noun = one if found.length.endswith(" 1") else several
        return f"must have {found.length} {noun}, but has {count}"
    if found and found.range:
        return _with_value(f"must be {found.range}", value)
    return f"not a valid value; see {reference}"
