"""Every made-up output exists in the SDK, with the type of the value."""

import typing
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import pytest
from pulumi import _types  # pyright: ignore[reportPrivateUsage]  # no public name

from tools.recording.made_up_outputs import MadeUpOutputs
from tools.recording.made_up_outputs.resources import RESOURCES


class AnyInputs(dict[str, Any]):
    """Inputs of a resource: text for each required input that is not given."""

    def __missing__(self, name: str) -> str:
        return name


def class_of(token: str) -> type:
    """Returns the resource class of a type token, such as aws:ec2/vpc:Vpc."""
    _, module, name = token.split(":")
    return getattr(import_module(f"pulumi_aws.{module.partition('/')[0]}"), name)


def wrong(value: object, expected: Any, path: str) -> Iterator[str]:
    """Yields each value that does not have the type that the SDK expects."""
    expected = _types.unwrap_optional_type(expected)
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if _types.is_output_type(expected):
        if not isinstance(value, Mapping):
            yield f"{path}: {value!r} is no {expected.__name__}"
            return
        types = _types.output_type_types(expected)
        for key, each in value.items():
            if key in types:
                yield from wrong(each, types[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}: {expected.__name__} has no such property"
    elif origin and issubclass(origin, Mapping) and isinstance(value, Mapping):
        for key, each in value.items():
            yield from wrong(each, arguments[1], f"{path}.{key}")
    elif origin and issubclass(origin, Sequence) and isinstance(value, list):
        for each in value:
            yield from wrong(each, arguments[0], f"{path}[]")
    elif origin or not isinstance(value, expected):
        yield f"{path}: {value!r} is no {expected}"


def problems_of(outputs: Mapping[str, object], resource: type) -> Iterator[str]:
    """Yields each output that a resource class does not have, or has with another type."""
    types = _types.resource_types(resource)
    for name, value in outputs.items():
        if name in types:
            yield from wrong(value, types[name], name)
        else:
            yield f"{name}: no such output"


def test_the_sdk_has_all_made_up_outputs_with_the_types_of_their_values() -> None:
    """The recorder checks an output only if a program uses the output."""
    account, given = MadeUpOutputs("us-east-1", {}), {"tag": {"key": "Name"}, "vpcConfig": {}}
    for token, make_outputs in RESOURCES.items():
        if token.startswith("aws:"):
            _, outputs = make_outputs(account, "name", AnyInputs(given))
            assert not [*problems_of(outputs, class_of(token))], token


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ({"arn": 1}, "arn: 1 is no <class 'str'>"),
        ({"owner": "me"}, "owner: no such output"),
        ({"tags": {"Name": None}}, "tags.Name: None is no <class 'str'>"),
        ({"vpcConfig": []}, "vpcConfig: [] is no ClusterVpcConfig"),
        ({"vpcConfig": {"subnetIds": "a"}}, "vpcConfig.subnetIds: 'a' is no typing.Sequence[str]"),
        ({"vpcConfig": {"subnetIds": [1]}}, "vpcConfig.subnetIds[]: 1 is no <class 'str'>"),
        ({"vpcConfig": {"zone": 1}}, "vpcConfig.zone: ClusterVpcConfig has no such property"),
    ],
)
def test_the_check_finds_a_wrong_output(output: Mapping[str, object], problem: str) -> None:
    assert [*problems_of(output, class_of("aws:eks/cluster:Cluster"))] == [problem]
