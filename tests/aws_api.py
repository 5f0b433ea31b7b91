"""Requests to AWS for the inputs of resources, validated with the service models of botocore.

https://github.com/boto/botocore/tree/develop/botocore/data
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.session import Session, get_session

from tests.aws_requests import Request

Inputs = Mapping[str, Any]  # Any: JSON of any shape

_PROVIDER = frozenset({"region", "timeouts"})
"""Inputs of every type that only the provider reads."""

_MAX_TAGS = 50
_TAG_KEY = re.compile(r"(?!aws:)[\w\s.:/=+@-]{1,128}")
_TAG_VALUE = re.compile(r"[\w\s.:/=+@-]{0,256}")


def problems(request: Request, inputs: Inputs) -> Iterator[str]:
    """Yields inputs of a resource that AWS would refuse: unknown, missing and invalid values."""
    shape: Shape = _operation_input(request.service, request.operation)
    for name in filter(None, request.within.split(".")):
        shape = shape.member if isinstance(shape, ListShape) else shape
        assert isinstance(shape, StructureShape)
        shape = shape.members[name]
    yield from _check(_Place(request=request, text=request.operation), shape, inputs)


@dataclass(frozen=True, kw_only=True)
class _Place:
    request: Request
    text: str
    """Member of the request, for messages."""
    key: str = ""
    """Input, with dots, without indexes."""


@cache
def _session() -> Session:
    """Returns a session, which reads each service model once."""
    return get_session()


@cache
def _operation_input(service: str, operation: str) -> StructureShape:
    shape = _session().get_service_model(service).operation_model(operation).input_shape
    assert isinstance(shape, StructureShape)
    return shape


def _check(place: _Place, shape: Shape, value: object) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for item in cast("list[Inputs]", value if isinstance(value, list) else [value]):
            yield from _structure(place, shape, item)
    elif isinstance(shape, ListShape):
        items = _items(shape, value)
        yield from _in_range(place, shape, len(items), " items")
        for item in items:
            yield from _check(place, shape.member, item)
    elif isinstance(shape, MapShape):
        entries = cast("Mapping[str, object]", value)
        yield from _in_range(place, shape, len(entries), " entries")
        for key, item in entries.items():
            yield from _check(place, shape.key, key)
            yield from _check(place, shape.value, item)
    elif shape.type_name == "string":
        yield from _text(place, shape, _as_text(value))
    elif shape.type_name in {"integer", "long", "double", "float"}:
        yield from _in_range(place, shape, float(cast("float", value)), "")


def _items(shape: ListShape, value: object) -> list[object]:
    """Returns the items of a list; Pulumi has single values and maps where AWS has lists."""
    if isinstance(value, Mapping) and isinstance(shape.member, StructureShape):
        members = [*shape.member.members]
        if {"Value"} < {*members} <= {"Key", "Name", "Value"}:
            entries = cast("Mapping[str, object]", value)
            name = next(each for each in members if each != "Value")
            return [{name: key, "Value": item} for key, item in entries.items()]
    return [*cast("list[object]", value)] if isinstance(value, list | tuple) else [value]


def _structure(place: _Place, shape: StructureShape, value: Inputs) -> Iterator[str]:
    request = place.request
    members = {name.casefold(): name for name in shape.members}
    sent: set[str] = set()
    for key, item in value.items():
        path = f"{place.key}.{key}".strip(".")
        if item is None or path in request.elsewhere or path in _PROVIDER:
            continue
        if path == "tags":
            yield from _tags(cast("Mapping[str, str]", item))
            continue
        name = request.names.get(path, key).casefold()
        member = members.get(name) or members.get(f"{name}s")
        if member is None:
            yield f"{place.text}: no member for {path}"
            continue
        sent.add(member)
        below = _Place(request=request, text=f"{place.text}.{member}", key=path)
        yield from _check(below, shape.members[member], item)
    for name in shape.required_members:
        if name not in sent and not (name in request.generated and not place.key):
            yield f"{place.text}: {name} is missing"


def _tags(tags: Mapping[str, str]) -> Iterator[str]:
    """Yields the tags that AWS would refuse.

    https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
    """
    if len(tags) > _MAX_TAGS:
        yield f"{len(tags)} tags, more than {_MAX_TAGS}"
    for key, value in tags.items():
        if not _TAG_KEY.fullmatch(key):
            yield f"tag {key} is not a valid key"
        if not _TAG_VALUE.fullmatch(value):
            yield f"tag {key}: {value} is not a valid value"


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(place: _Place, shape: Shape, text: str) -> Iterator[str]:
    allowed = cast("list[str]", shape.metadata.get("enum", []))
    if allowed and text not in allowed:
        yield f"{place.text}: {text} is not one of {', '.join(allowed)}"
    yield from _in_range(place, shape, len(text), " characters")
    pattern = shape.metadata.get("pattern")
    if pattern and not _pattern(str(pattern)).fullmatch(text):
        yield f"{place.text}: {text} does not match {pattern}"


_UNICODE_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{Z}": r"\s",
    r"\p{N}": r"\d",
    r"\uD800\uDC00-\uDBFF\uDFFF": "\U00010000-\U0010ffff",
}
"""Unicode classes of the service models, by those of Python, which allow a little more."""


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Returns a pattern of a service model, whose Unicode classes Python does not know."""
    for java, python in _UNICODE_CLASSES.items():
        text = text.replace(java, python)
    return re.compile(text, re.DOTALL)


def _in_range(place: _Place, shape: Shape, size: float, noun: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield f"{place.text}: {size:g}{noun}, less than {low}"
    if high is not None and size > high:
        yield f"{place.text}: {size:g}{noun}, more than {high}"
