"""Clouds for tests: empty ones, and ones in which a plan was created."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest

from plan import Plan, Resource
from plan.answers import PRINCIPALS, Answers
from rehearsal.cloud import Cloud, Law, RefusedError, Thing, strings
from rehearsal.laws import LAWS

REGION = "eu-west-1"
Inputs = dict[str, Any]


def empty_cloud(*outside: str, laws: tuple[Law, ...] = ()) -> Cloud:
    return Cloud(answers=Answers(REGION), outside=frozenset(outside), laws=laws)


def cloud_for(plan: Plan, laws: tuple[Law, ...] = LAWS) -> Cloud:
    """A cloud with nothing in it but what the stack file of a plan names."""
    given = plan.settings.model_dump(mode="json", by_alias=True)
    outside = frozenset(strings(given)) | PRINCIPALS
    return Cloud(answers=Answers.of(plan.settings), outside=outside, laws=laws)


def created_by(plan: Plan) -> list[Resource]:
    """What a plan has the cloud create, in order."""
    return [
        each
        for each in plan.resources
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


def make(cloud: Cloud, type_: str, name: str, /, **inputs: Any) -> Thing:
    return cloud.create(type_, urn_of(type_, name), inputs)


def update(cloud: Cloud, thing: Thing, /, **inputs: Any) -> Thing:
    return cloud.update(thing.type, thing.id, thing.urn, inputs)


def delete(cloud: Cloud, thing: Thing) -> None:
    cloud.delete(thing.type, thing.id, thing.urn)


def names_in(cloud: Cloud) -> set[tuple[str, str]]:
    return {(thing.type, thing.urn.rpartition("::")[2]) for thing in cloud.things.values()}


@contextmanager
def refused(code: str, *words: str) -> Generator[None]:
    """Expects that the cloud refuses what is inside, and says why."""
    with pytest.raises(RefusedError) as caught:
        yield
    assert caught.value.code == code, f"people would look for another cause: {caught.value}"
    assert str(caught.value).startswith(f"{code}: "), "the code would not be in what people read"
    assert [word for word in words if word not in str(caught.value)] == []
