"""Validates commands of the AWS CLI, and their output, with the service models of botocore."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator

_OF_THE_CLI = frozenset({"--region", "--output", "--profile"})

_RENAMED = {
    ("update-cluster-version", "version"): "kubernetes-version",
    ("update-nodegroup-version", "version"): "kubernetes-version",
}
"""Options of the CLI with another name than the member, by command and member.

https://github.com/aws/aws-cli/blob/develop/awscli/customizations/argrename.py
"""


def problems(arguments: tuple[str, ...], output: Any) -> Iterator[str]:  # Any: JSON of any shape
    """Yields options and fields of the output that the operation does not have."""
    operation = operation_of(*arguments[:2])
    options = members_by_option(*arguments[:2])
    for each in arguments[2:]:
        if each.startswith("--") and each not in {*options} | _OF_THE_CLI:
            yield f"{operation.name} has no option {each}"
    yield from _fields(operation.name, operation.output_shape, output)


def invalid(arguments: tuple[str, ...]) -> Iterator[str]:
    """Yields the problems of the request of a command."""
    shape = operation_of(*arguments[:2]).input_shape
    report = ParamValidator().validate(request_of(arguments), shape) if shape else None
    if report and report.has_errors():
        yield report.generate_report()


def request_of(arguments: tuple[str, ...]) -> dict[str, object]:
    """Returns the request of a command, whose members come from the options."""
    shape, members = operation_of(*arguments[:2]).input_shape, members_by_option(*arguments[:2])
    return {
        members[option]: _parsed(shape.members[members[option]], values)
        for option, values in options_of(arguments).items()
        if shape and option in members
    }


def options_of(arguments: tuple[str, ...]) -> dict[str, list[str]]:
    """Returns the values of each option of a command."""
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for each in arguments[2:]:
        if each.startswith("--"):
            values = found.setdefault(each, [])
        else:
            values.append(each)
    return found


def _parsed(shape: Shape, values: list[str]) -> object:
    """Returns the value of an option: JSON, the short form of the CLI, or plain text."""
    text = values[0]
    if shape.type_name in ("structure", "map", "list") and text.startswith(("{", "[")):
        return json.loads(text)
    if shape.type_name in ("structure", "map"):
        return dict(part.split("=") for part in text.split(","))
    if shape.type_name in ("integer", "long"):
        return int(text)
    return values if shape.type_name == "list" else text


def members_by_option(service: str, command: str) -> dict[str, str]:
    """Returns the members of the request by the options of the command."""
    shape = operation_of(service, command).input_shape
    names = [*shape.members] if shape else []
    return {f"--{_RENAMED.get((command, each), xform_name(each, '-'))}": each for each in names}


@cache
def operation_of(service: str, command: str) -> OperationModel:
    """Returns the operation of a command."""
    model = get_session().get_service_model({"s3api": "s3"}.get(service, service))
    [name] = [each for each in model.operation_names if xform_name(each, "-") == command]
    return model.operation_model(name)


def _fields(path: str, shape: Shape | None, value: object) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for key, item in cast("dict[str, object]", value).items():
            if key in shape.members:
                yield from _fields(f"{path}.{key}", shape.members[key], item)
            else:
                yield f"{path} has no member {key}"
    elif isinstance(shape, ListShape):
        for each in cast("list[object]", value):
            yield from _fields(path, shape.member, each)
    elif isinstance(shape, MapShape):
        for each in cast("dict[str, object]", value).values():
            yield from _fields(path, shape.value, each)
    elif shape is not None:
        allowed = cast("list[str]", shape.metadata.get("enum", []))
        if allowed and value not in allowed:
            yield f"{path} is never {value}"
