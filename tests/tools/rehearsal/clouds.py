"""Fake clouds for tests: empty ones, and ones that contain a recording."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest

from tools.recording import Recording, Resource
from tools.recording.made_up_outputs import PRINCIPALS, MadeUpOutputs
from tools.rehearsal.constraints import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource, logical_name
from tools.rehearsal.fake_cloud.references import strings_in

REGION = "eu-west-1"
Inputs = dict[str, Any]
Name = tuple[str, str]
"""Type and logical name of a resource."""


def empty_cloud(*external: str, constraints: tuple[Constraint, ...] = ()) -> FakeCloud:
    return FakeCloud(
        made_up_outputs=MadeUpOutputs(REGION), external=frozenset(external), constraints=constraints
    )


def cloud_for(recording: Recording, constraints: tuple[Constraint, ...] = CONSTRAINTS) -> FakeCloud:
    """Returns an empty cloud in which the strings of the stack file exist."""
    settings = recording.settings.model_dump(mode="json", by_alias=True)
    external = frozenset(strings_in(settings)) | PRINCIPALS
    made_up_outputs = MadeUpOutputs.for_settings(recording.settings)
    return FakeCloud(made_up_outputs=made_up_outputs, external=external, constraints=constraints)


def created_by(recording: Recording) -> list[Resource]:
    """Returns the recorded resources that the cloud creates, in order."""
    return list(recording.cloud_resources)


def inputs_of(resource: Resource) -> Inputs:
    return deepcopy(dict(resource.inputs))


def build(cloud: FakeCloud, resources: Iterable[Resource]) -> FakeCloud:
    for each in resources:
        cloud.create(each.type, each.urn, inputs_of(each))
    return cloud


def urn_of(type_: str, name: str) -> str:
    return f"urn:pulumi:test::ha-eks::{type_}::{name}"


def make(cloud: FakeCloud, type_: str, name: str, /, **inputs: Any) -> CloudResource:
    return cloud.create(type_, urn_of(type_, name), inputs)


def update(cloud: FakeCloud, resource: CloudResource, /, **inputs: Any) -> CloudResource:
    return cloud.update(resource.type, resource.id, resource.urn, inputs)


def delete(cloud: FakeCloud, resource: CloudResource) -> None:
    cloud.delete(resource.type, resource.id, resource.urn)


def names_in(cloud: FakeCloud) -> set[Name]:
    return {(each.type, logical_name(each.urn)) for each in cloud.resources.values()}


def find(cloud: FakeCloud, name: Name) -> CloudResource:
    [found] = [each for each in cloud.of_type(name[0]) if each.name == name[1]]
    return found


def recorded(recording: Recording, name: Name) -> Resource:
    [found] = [each for each in created_by(recording) if (each.type, each.name) == name]
    return found


def remove(cloud: FakeCloud, *names: Name) -> None:
    """Removes resources without a check of constraints, as if they were not created yet."""
    for name in names:
        resource = find(cloud, name)
        del cloud.resources[resource.type, resource.id]


def create_again(
    cloud: FakeCloud, recording: Recording, name: Name, **changes: Any
) -> CloudResource:
    """Creates a recorded resource, with some changes of its inputs."""
    resource = recorded(recording, name)
    return cloud.create(resource.type, resource.urn, {**inputs_of(resource), **changes})


def disable_protection(cloud: FakeCloud) -> None:
    """Turns off the deletion protection of all resources."""
    off = {"deletionProtection": False, "enableDeletionProtection": False, "forceDestroy": True}
    for resource in list(cloud.resources.values()):
        changed = {key: value for key, value in off.items() if key in resource.inputs}
        if changed:
            update(cloud, resource, **{**deepcopy(resource.inputs), **changed})


@contextmanager
def refused(code: str, message: str) -> Generator[None]:
    """Expects that the cloud refuses an operation with exactly this error."""
    with pytest.raises(RefusedError) as caught:
        yield
    assert (caught.value.code, str(caught.value)) == (code, f"{code}: {message}")
