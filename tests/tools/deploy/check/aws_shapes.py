"""Validates commands of the AWS CLI, and their output, with the service models of botocore."""

from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.session import get_session

_OF_THE_CLI = frozenset({"--region", "--output", "--profile"})


def problems(arguments: tuple[str, ...], output: Any) -> Iterator[str]:  # Any: JSON of any shape
    """Yields options and fields of the output that the operation does not have."""
    operation = _operation(*arguments[:2])
    members = operation.input_shape.members if operation.input_shape else {}
    options = {f"--{xform_name(each, '-')}" for each in members}
    for each in arguments[2:]:
        if each.startswith("--") and each not in options | _OF_THE_CLI:
            yield f"{operation.name} has no option {each}"
    yield from _fields(operation.name, operation.output_shape, output)


@cache
def _operation(service: str, command: str) -> OperationModel:
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
