"""Replaces slow functions of the Pulumi SDK while a program is recorded.

The replacements have the same results. A recording takes less than half as long with them.
"""

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pkgutil import resolve_name
from typing import Any, TypeVar, cast

import pulumi
from pulumi import _types  # pyright: ignore[reportPrivateUsage]  # no public name
from pulumi.runtime import resource as pulumi_resource
from pulumi.runtime import rpc
from pulumi.runtime.known_types import is_unknown
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.resource_cycle_breaker import (
    _DEPENDENCIES_PROPERTY,  # pyright: ignore[reportPrivateUsage]
    _reachable,  # pyright: ignore[reportPrivateUsage]
)

from tools.recording.outputs_on_demand import resolve_outputs, tracked, transfer_properties

_PLAIN = frozenset({str, bool, int, float, type(None)})
"""Types of values that the SDK passes on unchanged."""


class OneThreadLoop(asyncio.SelectorEventLoop):
    """An event loop that answers the calls of the SDK at once.

    The SDK sends each call to the engine from another thread, and the order of the registrations
    would depend on timing. The monitor of the recorder answers in less time than a thread starts.
    """

    def run_in_executor(  # pyright: ignore[reportIncompatibleMethodOverride]  # Any: of asyncio
        self, executor: object, func: Callable[..., Any], *args: object
    ) -> "asyncio.Future[Any]":
        """Returns the finished call of a function."""
        future: asyncio.Future[Any] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def fast_sdk() -> Generator[None]:
    """Replaces the functions of REPLACEMENTS, and restores them afterwards."""
    originals = {name: resolve_name(name) for name in REPLACEMENTS}
    _set(REPLACEMENTS)
    try:
        yield
    finally:
        _set(originals)


def _set(functions: Mapping[str, object]) -> None:
    for path, function in functions.items():
        owner, _, name = path.rpartition(".")
        setattr(resolve_name(owner), name, function)


_original_create_urn = pulumi_resource.create_urn


def _create_urn(
    name: pulumi.Input[str],
    type_: pulumi.Input[str],
    parent: pulumi.Resource | pulumi.Input[str] | None = None,
    project: str | None = None,
    stack: str | None = None,
) -> pulumi.Output[str]:
    """Returns the URN of a resource.

    The SDK needs four more outputs even if the URN of the parent is a text. The SDK calls this
    function for every resource.
    """
    if isinstance(parent, str):
        return pulumi.Output.from_input(f"{parent[: parent.rfind('::')]}${type_}::{name}")
    return _original_create_urn(name, type_, parent, project, stack)


def _contains_unknowns(value: object) -> bool:
    """True if a value is unknown or contains an unknown value at any depth.

    The SDK calls this function for every output, and defines a recursive function in each call.
    """
    if type(value) in _PLAIN:
        return False
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if is_unknown(each):
            return True
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, dict):
            # Output types are subclasses of dict, and some have a property `values`.
            waiting += dict[object, object].values(cast("dict[object, object]", each))
        elif isinstance(each, list):
            waiting += cast("list[object]", each)
    return False


def _declare_dependency(from_resource: pulumi.Resource, to_resource: pulumi.Resource) -> bool:
    """Remembers that a resource depends on another one; False if both would form a cycle.

    The SDK visits all resources on which the other one depends, for each dependency. A cycle needs
    a resource that depends on the first one, and most resources have none yet.
    """
    if from_resource is to_resource:
        return False
    if _IS_NEEDED in from_resource.__dict__ and _reachable(to_resource, from_resource):
        return False
    from_resource.__dict__.setdefault(_DEPENDENCIES_PROPERTY, set()).add(to_resource)
    to_resource.__dict__[_IS_NEEDED] = True
    return True


_IS_NEEDED = "_ha_eks_is_needed"
"""Attribute of a resource on which another one depends."""


def _track(output: "pulumi.Output[Any]") -> None:
    """Adds an output to the outputs that the SDK awaits at the end of the program.

    The SDK also removes each output once the output is resolved, which takes longer than awaiting
    all of them.
    """
    tracked().add(output._data)  # pyright: ignore[reportPrivateUsage]


_original_serialize_property = rpc.serialize_property


async def _serialize_property(
    value: object, *arguments: Any, return_protobuf_value: bool = False, **options: Any
) -> object:
    """Returns an input in the form in which it is sent to the engine.

    The SDK asks thirty questions about each text and number, and then returns the value itself.
    """
    if type(value) in _PLAIN and not return_protobuf_value:
        return value
    options["return_protobuf_value"] = return_protobuf_value
    return await _original_serialize_property(value, *arguments, **options)


def _debug(*arguments: object, **options: object) -> None:
    """Does nothing: only the engine shows the message."""


_Result = TypeVar("_Result")


def _remembered(function: Callable[[type], _Result]) -> Callable[[type], _Result]:
    """Returns a function of a type that calculates each result once.

    The SDK asks for the type of every value, and for the names and types of the outputs of every
    resource. Types are compared by identity, because unions are equal in any order of their
    members.
    """
    results: dict[int, tuple[type, _Result]] = {}

    def result(type_: type) -> _Result:
        found = results.get(id(type_))
        if found is None:
            found = results[id(type_)] = type_, function(type_)
        return found[1]

    return result


REPLACEMENTS: Mapping[str, object] = {
    "pulumi.Output._track": _track,
    "pulumi._types.resource_pulumi_to_py_names": _remembered(_types.resource_pulumi_to_py_names),
    "pulumi._types.resource_py_to_pulumi_names": _remembered(_types.resource_py_to_pulumi_names),
    "pulumi._types.resource_types": _remembered(_types.resource_types),
    "pulumi._types.unwrap_optional_type": _remembered(_types.unwrap_optional_type),
    "pulumi._types.unwrap_type": _remembered(_types.unwrap_type),
    "pulumi.log.debug": _debug,
    "pulumi.runtime.resource._get_stack_trace": source_pb2.StackTrace,  # shown by the engine only
    "pulumi.runtime.resource.create_urn": _create_urn,
    "pulumi.runtime.rpc.contains_unknowns": _contains_unknowns,
    "pulumi.runtime.rpc.declare_dependency": _declare_dependency,
    "pulumi.runtime.rpc.resolve_outputs": resolve_outputs,
    "pulumi.runtime.rpc.serialize_property": _serialize_property,
    "pulumi.runtime.rpc.transfer_properties": transfer_properties,
}
"""Functions by the names of the SDK's functions."""
