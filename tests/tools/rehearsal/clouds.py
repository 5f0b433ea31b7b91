"""Clouds for tests: empty ones, and ones in which a plan was created."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest

from tools.recording import Recording, Resource
from tools.recording.made_up_outputs import PRINCIPALS, Answers
from tools.rehearsal.constraints import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource, Constraint, RefusedError, strings

REGION = "eu-west-1"
Inputs = dict[str, Any]


def empty_cloud(*outside: str, constraints: tuple[Constraint, ...] = ()) -> Cloud:
    return Cloud(answers=Answers(REGION), outside=frozenset(outside), constraints=constraints)


def cloud_for(recording: Recording, constraints: tuple[Constraint, ...] = CONSTRAINTS) -> Cloud:
    """A cloud with nothing in it but what the stack file of a plan names."""
    given = recording.settings.model_dump(mode="json", by_alias=True)
    outside = frozenset(strings(given)) | PRINCIPALS
    return Cloud(answers=Answers.of(recording.settings), outside=outside, constraints=constraints)


def created_by(recording: Recording) -> list[Resource]:
    """What a plan has the cloud create, in order."""
    return [
        each
        for each in recording.resources
        if each.custom and not each.type.startswith("pulumi:providers:")
    ]


def inputs_of(resource: Resource) -> Inputs:
    return deepcopy(dict(resource.inputs))


def build(cloud: Cloud, resources: Iterable[Resource]) -> Cloud:
    for each in resources:
        cloud.create(each.type, each.urn, inputs_of(each))
    return cloud


def urn_of(type_: str, name: str) -> str:
    return f"urn:pulumi:test::ha-eks::{type_}::{name}"


def make(cloud: Cloud, type_: str, name: str, /, **inputs: Any) -> CloudResource:
    return cloud.create(type_, urn_of(type_, name), inputs)


def update(cloud: Cloud, thing: CloudResource, /, **inputs: Any) -> CloudResource:
    return cloud.update(thing.type, thing.id, thing.urn, inputs)


def delete(cloud: Cloud, thing: CloudResource) -> None:
    cloud.delete(thing.type, thing.id, thing.urn)


def names_in(cloud: Cloud) -> set[tuple[str, str]]:
    return {(thing.type, thing.urn.rpartition("::")[2]) for thing in cloud.resources.values()}


@contextmanager
def refused(code: str, *words: str) -> Generator[None]:
    """Expects that the cloud refuses what is inside, and says why."""
    with pytest.raises(RefusedError) as caught:
        yield
    assert caught.value.code == code, f"people would look for another cause: {caught.value}"
    assert str(caught.value).startswith(f"{code}: "), "the code would not be in what people read"
    assert [word for word in words if word not in str(caught.value)] == []
