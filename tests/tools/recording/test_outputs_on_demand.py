"""Outputs on demand have the same data as those of the SDK."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pulumi
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc

from tools.recording.outputs_on_demand import resolve_outputs, transfer_properties
from tools.recording.wire import struct_of

NAMES = ("sizeInGib", "size_in_gib", "name", "mode", "tags", "lost")
SECRET = {rpc._special_sig_key: rpc._special_secret_sig, "value": "text"}  # pyright: ignore[reportPrivateUsage]  # no public names
DATA: Sequence[Mapping[str, object]] = (
    {"sizeInGib": 8, "name": "data", "mode": ["fast", "safe"], "tags": {"Name": "data"}},
    {"name": SECRET, "tags": {"Name": SECRET}},
    {"sizeInGib": rpc.UNKNOWN, "tags": {"Name": rpc.UNKNOWN}, "mode": None},
    {"size_in_gib": 8, "unexpected": "text"},
    {},
)


class Volume:
    """A resource with an output whose name differs from the name in Pulumi."""

    _name = "data"

    def translate_output_property(self, name: str) -> str:
        """Returns the name of an output in a class without types."""
        return {"sizeInGib": "lost"}.get(name, name)

    @property
    @pulumi.getter(name="sizeInGib")
    def size_in_gib(self) -> pulumi.Output[float]: ...

    @property
    @pulumi.getter
    def name(self) -> pulumi.Output[str]: ...

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Output[Mapping[str, str]]: ...


BOTH: tuple[tuple[Any, Any], ...] = (
    (rpc.transfer_properties, rpc.resolve_outputs),
    (transfer_properties, resolve_outputs),
)
"""Functions of the SDK, and those of the recorder."""


def both(use: Callable[[Any, Any], object]) -> list[object]:
    async def run(transfer: Any, resolve: Any) -> object:
        return await cast("Any", use(transfer, resolve))

    return [asyncio.run(run(*each)) for each in BOTH]


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("data", DATA, ids=[*map(str, range(len(DATA)))])
@pytest.mark.parametrize("dry_run", [True, False])
def test_every_output_has_the_same_data(
    data: Mapping[str, object], typed: bool, dry_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulumi.runtime.settings.is_dry_run", lambda: dry_run)
    monkeypatch.setattr("pulumi.output.Unknown.__eq__", lambda one, other: type(one) is type(other))
    volume, key, subnet = Volume(), Volume(), Volume()
    dependencies = {"tags": {key, subnet}, "sizeInGib": {key}}
    inputs = struct_of({"mode": "fast", "sizeInGib": 4})

    async def outputs(transfer: Any, resolve: Any) -> list[Any]:
        resolvers = transfer(volume, dict.fromkeys(NAMES), True)
        resolve(volume, inputs, struct_of(data), dependencies, resolvers, True, typed, True)
        data_of = [await volume.__dict__[name]._data for name in NAMES]
        return [(each, type(each.value)) for each in data_of]

    of_sdk, on_demand = both(outputs)
    assert on_demand == of_sdk


def test_an_output_that_is_used_twice_is_converted_once() -> None:
    volume = Volume()

    async def same(transfer: Any, resolve: Any) -> bool:
        resolvers = transfer(volume, dict.fromkeys(NAMES), True)
        resolve(volume, Struct(), struct_of({"tags": {"Name": "data"}}), {}, resolvers, True, True)
        return await volume.__dict__["tags"]._data is await volume.__dict__["tags"]._data

    assert both(same) == [True, True]


def test_only_the_id_of_a_component_is_an_output() -> None:
    async def names(transfer: Any, resolve: Any) -> list[set[str]]:
        resources = [Volume(), Volume()]
        for resource, custom in zip(resources, (True, False), strict=True):
            transfer(resource, dict.fromkeys(("urn", "id", "name")), custom)
        return [{*vars(resource)} for resource in resources]

    assert both(names) == [[{"name"}, {"id", "name"}]] * 2


def test_an_output_of_a_failed_registration_raises_the_error() -> None:
    async def fail(transfer: Any, resolve: Any) -> None:
        resource = Volume()
        resolvers = transfer(resource, dict.fromkeys(NAMES), True)
        rpc.resolve_outputs_due_to_exception(resolvers, ValueError("lost"))
        for name in NAMES:
            with pytest.raises(ValueError, match="lost"):
                await resource.__dict__[name]._data

    both(fail)
