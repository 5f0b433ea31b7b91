"""The replacements of the SDK's functions have the same results as the SDK's functions."""

import asyncio
import threading
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any, Optional, Union, cast

import pulumi
import pytest
from pulumi_aws.ec2 import Eip, Vpc

from tools.recording import Recording, record
from tools.recording.fast_sdk import REPLACEMENTS, OneThreadLoop, fast_sdk

PARENT = "urn:pulumi:dev::ha-eks::ha-eks:index:App::web"


class Resource:
    """A resource for tests of its dependencies."""


def both(name: str) -> tuple[Any, Any]:
    """Returns a function of the SDK and its replacement."""
    return resolve_name(name), REPLACEMENTS[name]


def test_a_recording_is_the_same_without_the_replacements(
    monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording]
) -> None:
    for name in [*REPLACEMENTS]:
        monkeypatch.delitem(cast("dict[str, object]", REPLACEMENTS), name)
    assert record("prod") == previewed("prod")


def test_the_sdk_has_its_own_functions_again_after_a_recording() -> None:
    before = {name: resolve_name(name) for name in REPLACEMENTS}
    with fast_sdk():
        assert {name: resolve_name(name) for name in REPLACEMENTS} == REPLACEMENTS
    assert {name: resolve_name(name) for name in REPLACEMENTS} == before


@pytest.mark.parametrize("parent", [PARENT, None])
def test_a_resource_has_the_same_urn(parent: str | None) -> None:
    async def urn(create: Any) -> str:
        arguments = ("cache", "aws:ec2/vpc:Vpc", parent, "ha-eks", "dev")
        return await create(*arguments).future()

    of_sdk, replaced = (
        asyncio.run(urn(each)) for each in both("pulumi.runtime.resource.create_urn")
    )
    assert replaced == of_sdk
    assert replaced.endswith("aws:ec2/vpc:Vpc::cache")


CYCLE: list[object] = [1]
CYCLE.append({"self": CYCLE})


class Filter(dict[str, object]):
    """Has a property with the name of a method of dict, as some output types of pulumi-aws do."""

    @property
    def values(self) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self["values"]


VALUES: list[tuple[object, bool]] = [
    (pulumi.UNKNOWN, True),
    ({"a": [1, {"b": pulumi.UNKNOWN}]}, True),
    ([[], pulumi.UNKNOWN], True),
    ({pulumi.UNKNOWN: 1}, False),
    ((pulumi.UNKNOWN,), False),
    ({"a": [1, {"b": "text"}]}, False),
    (Filter(values=[pulumi.UNKNOWN]), True),
    (Filter(values=["text"]), False),
    (CYCLE, False),
    (None, False),
]


@pytest.mark.parametrize(("value", "expected"), VALUES)
def test_unknown_values_are_found_at_any_depth(value: object, expected: bool) -> None:
    for each in both("pulumi.runtime.rpc.contains_unknowns"):
        assert each(value) is expected


def test_a_dependency_is_declared_unless_it_forms_a_cycle() -> None:
    edges = [
        ("web", "web"), ("web", "nodes"), ("web", "lb"), ("nodes", "vpc"), ("vpc", "web"),
        ("vpc", "nodes"), ("lb", "vpc"), ("vpc", "lb"), ("web", "nodes"), ("vpc", "key"),
        ("key", "web"), ("nodes", "lb"), ("lb", "nodes"), ("key", "vpc"), ("cache", "web"),
    ]  # fmt: skip
    for declare in both("pulumi.runtime.rpc.declare_dependency"):
        resources = {name: Resource() for edge in edges for name in edge}
        assert [declare(resources[one], resources[other]) for one, other in edges] == [
            False, True, True, True, False,
            False, True, False, True, True,
            False, True, False, False, True,
        ]  # fmt: skip


@pytest.mark.parametrize("as_protobuf", [True, False])
@pytest.mark.parametrize("value", ["text", "", 7, 0.5, True, None, ["a", 1], {"a": {"b": None}}])
def test_an_input_is_sent_in_the_same_form(value: object, as_protobuf: bool) -> None:
    async def sent(serialize: Any) -> object:
        return await serialize(value, [], "key", return_protobuf_value=as_protobuf)

    of_sdk, replaced = (
        asyncio.run(sent(each)) for each in both("pulumi.runtime.rpc.serialize_property")
    )
    assert (replaced, type(replaced)) == (of_sdk, type(of_sdk))


def test_an_input_that_cannot_be_sent_is_refused() -> None:
    for each in both("pulumi.runtime.rpc.serialize_property"):
        with pytest.raises(ValueError, match="unexpected input of type complex"):
            asyncio.run(each(1j, [], "key"))


TYPES: list[Any] = [
    str,
    list[str],
    Optional[int],  # noqa: UP045  # as in the SDKs
    pulumi.Output[str],
    pulumi.Input[str],
    pulumi.Input[Optional[str]],  # noqa: UP045  # as in the SDKs
    Optional[pulumi.Input[str]],  # noqa: UP045  # as in the SDKs
    Union[int, str],  # noqa: UP007  # as in the SDKs
    Union[str, int],  # noqa: UP007  # equal to the former, but another type
]


@pytest.mark.parametrize("name", ["unwrap_type", "unwrap_optional_type"])
def test_a_type_is_unwrapped_in_the_same_way_each_time(name: str) -> None:
    of_sdk, replaced = both(f"pulumi._types.{name}")
    for _ in range(2):
        for type_ in TYPES:
            assert repr(replaced(type_)) == repr(of_sdk(type_))


@pytest.mark.parametrize(
    "name", ["resource_pulumi_to_py_names", "resource_py_to_pulumi_names", "resource_types"]
)
def test_names_and_types_of_outputs_are_the_same_each_time(name: str) -> None:
    of_sdk, replaced = both(f"pulumi._types.{name}")
    for _ in range(2):
        for type_ in (Eip, Vpc):
            assert replaced(type_) == of_sdk(type_) != {}


def test_a_call_in_an_executor_ends_at_once() -> None:
    async def call(loop: asyncio.AbstractEventLoop) -> None:
        thread = await loop.run_in_executor(None, threading.get_ident)
        assert thread == threading.get_ident()
        assert loop.run_in_executor(None, int, "7").result() == 7
        with pytest.raises(ValueError, match="invalid literal"):
            await loop.run_in_executor(None, int, "seven")

    with asyncio.Runner(loop_factory=OneThreadLoop) as runner:
        runner.run(call(runner.get_loop()))
