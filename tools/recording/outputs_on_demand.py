"""Outputs of resources that are computed when a program first uses them.

The SDK converts all outputs of each resource, with four futures and a task for each of them. A
program uses one output of ten.
"""

import asyncio
import functools
from collections.abc import Callable, Generator, Mapping
from typing import Any, cast

import pulumi
from google.protobuf.struct_pb2 import Struct
from pulumi import _types  # pyright: ignore[reportPrivateUsage]  # no public name
from pulumi.output import _OutputData  # pyright: ignore[reportPrivateUsage]  # no public name
from pulumi.runtime import rpc
from pulumi.runtime import settings as pulumi_settings

_Data = _OutputData[Any]  # Any: of any resource
_Resolve = Callable[[Any, bool, bool, set[pulumi.Resource] | None, Exception | None], None]
"""Function of the SDK that resolves an output with its value, whether the value is known and
secret, its dependencies, or an error."""

_ALL = "*"
"""Name under which the SDK finds the function that resolves all outputs of a resource."""


def tracked() -> set[Any]:
    """Returns the results that the SDK awaits at the end of the program."""
    return pulumi_settings.SETTINGS.outputs  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue, reportUnknownVariableType]  # a descriptor that pyright cannot resolve


class _DataOnDemand:
    """The data of one output: an awaitable in place of the future of the SDK."""

    def __init__(self, registered: "asyncio.Future[Callable[[str], _Data]]", name: str) -> None:
        self._registered = registered
        self._name = name

    def __await__(self) -> Generator[Any, None, _Data]:
        data_of = yield from self._registered
        return data_of(self._name)


def transfer_properties(
    resource: pulumi.Resource, properties: Mapping[str, object], custom: bool
) -> dict[str, _Resolve]:
    """Sets the outputs of a resource, and returns the function that resolves all of them."""
    registered: asyncio.Future[Callable[[str], _Data]] = asyncio.Future()
    for name in properties:
        if name == "urn" or (name == "id" and custom):
            continue
        output = cast("pulumi.Output[Any]", object.__new__(pulumi.Output))
        data = cast("asyncio.Future[_Data]", _DataOnDemand(registered, name))
        output._data = data  # pyright: ignore[reportPrivateUsage]  # as `Output._from_data` does
        resource.__dict__[name] = output
    tracked().add(registered)

    def resolve_all(
        data_of: Callable[[str], _Data], _known: bool, _secret: bool, _of: object,
        error: Exception | None,
    ) -> None:  # fmt: skip
        if error is not None:
            registered.set_exception(error)
        else:
            registered.set_result(data_of)

    return {_ALL: resolve_all}


_original_resolve_outputs = rpc.resolve_outputs


def resolve_outputs(
    resource: pulumi.Resource,
    inputs: Struct,
    outputs: Struct,
    dependencies: Mapping[str, set[pulumi.Resource]],
    resolvers: dict[str, _Resolve],
    custom: bool,
    typed: bool = False,
    *arguments: bool,
    **options: bool,
) -> None:
    """Resolves the outputs of a resource. The SDK converts each output when it is first used."""

    @functools.cache
    def data_of(name: str) -> _Data:
        found: list[_Data] = []

        def resolve(
            value: object, is_known: bool, is_secret: bool, of: set[pulumi.Resource] | None,
            error: Exception | None,
        ) -> None:  # fmt: skip
            found.append(_OutputData({resource, *(of or ())}, value, is_known, is_secret))

        sides = inputs, outputs
        if typed:  # the SDK uses the names of the class
            keys = {name, _types.resource_py_to_pulumi_names(type(resource)).get(name, name)}
            sides = _only(keys, inputs), _only(keys, outputs)
        _original_resolve_outputs(
            resource, *sides, dependencies, {name: resolve}, custom, typed, *arguments, **options
        )
        return found[0]

    resolvers[_ALL](data_of, True, False, None, None)


def _only(keys: set[str], values: Struct) -> Struct:
    """Returns a struct with those of the values that have one of the keys."""
    some = Struct()
    for key in keys:
        if key in values.fields:
            some.fields[key].CopyFrom(values.fields[key])
    return some
