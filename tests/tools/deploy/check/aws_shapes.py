"""Validates commands of the AWS CLI, and their output, with the service models of botocore."""

from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.session import get_session

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


def members_by_option(service: str, command: str) -> dict[str, str]:
    """Returns the members of the request by the options of the command."""
    shape = operation_of(service, command).input_shape
    names = [*shape.members] if shape else []
    return {f"--{_RENAMED.get((command, each), xform_name(each, '-'))}": each for each in names}


@cache
def operation_of(service: str, command: str) -> OperationModel:
    """Returns the operation of a command."""
    model = get_session().get_service_model(service)
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
