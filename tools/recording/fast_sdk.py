"""Replaces slow functions of the Pulumi SDK while a program is recorded.

The replacements have the same results and shorten a recording by a third.
"""

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pkgutil import resolve_name
from typing import Any, cast

import pulumi
from pulumi.output import _OutputData  # pyright: ignore[reportPrivateUsage]  # no public name
from pulumi.runtime import resource as pulumi_resource
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime.known_types import is_unknown
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.resource_cycle_breaker import _deps  # pyright: ignore[reportPrivateUsage]


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


def _transfer_properties(
    resource: pulumi.Resource, properties: Mapping[str, object], custom: bool
) -> dict[str, Callable[..., None]]:
    """Sets the outputs of a resource, and returns the functions that resolve the outputs.

    The SDK creates four futures and a task for each output; one future is enough.
    """
    resolvers: dict[str, Callable[..., None]] = {}
    for name in properties:
        if name == "urn" or (name == "id" and custom):
            continue
        future: asyncio.Future[_OutputData[Any]] = asyncio.Future()  # Any: of any resource
        resource.__dict__[name] = pulumi.Output[Any]._from_data(future)  # pyright: ignore[reportPrivateUsage]  # as above
        resolvers[name] = partial(_resolve, resource, future)
    return resolvers


def _resolve(
    resource: pulumi.Resource,
    future: "asyncio.Future[_OutputData[Any]]",
    value: object,
    is_known: bool,
    is_secret: bool,
    dependencies: set[pulumi.Resource] | None,
    error: Exception | None,
) -> None:
    if error is not None:
        future.set_exception(error)
    else:
        resources = {resource, *(dependencies or ())}
        future.set_result(_OutputData(resources, value, is_known, is_secret))


def _contains_unknowns(value: object) -> bool:
    """True if a value is unknown or contains an unknown value at any depth.

    The SDK calls this function for every output, and defines a recursive function in each call.
    """
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


def _reachable(from_resource: pulumi.Resource, to_resource: pulumi.Resource) -> bool:
    """True if a resource depends on another one, directly or indirectly.

    The SDK asks for each dependency, and visits the resources with nested generators.
    """
    found = {from_resource}
    waiting = [from_resource]
    while waiting:
        each = waiting.pop()
        if each == to_resource:
            return True
        new = _deps(each) - found
        found |= new
        waiting += new
    return False


def _track(output: "pulumi.Output[Any]") -> None:
    """Adds an output to the outputs that the SDK awaits at the end of the program.

    The SDK also removes each output once the output is resolved, which takes longer than awaiting
    all of them.
    """
    pulumi_settings.SETTINGS.outputs.add(output._data)  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportAttributeAccessIssue]  # a descriptor that pyright cannot resolve


REPLACEMENTS: Mapping[str, object] = {
    "pulumi.Output._track": _track,
    "pulumi.runtime.resource._get_stack_trace": source_pb2.StackTrace,  # shown by the engine only
    "pulumi.runtime.resource.create_urn": _create_urn,
    "pulumi.runtime.resource_cycle_breaker._reachable": _reachable,
    "pulumi.runtime.rpc.contains_unknowns": _contains_unknowns,
    "pulumi.runtime.rpc.transfer_properties": _transfer_properties,
}
"""Functions by the names of the SDK's functions."""
