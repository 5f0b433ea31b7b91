"""The resources of a release are those whose inputs differ between two recordings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import recording_of
from tools.deploy.release.dependents import beyond, changes, dependents, differing
from tools.recording import Recording, Resource

DEPLOYMENT = "urn:pulumi:prod::ha-eks::ha-eks:index:App$kubernetes:apps/v1:Deployment::web"
JOB = "urn:pulumi:prod::ha-eks::ha-eks:index:App$kubernetes:batch/v1:Job::web"
IMAGE = "spec.template.spec.containers[0].image"


def with_job(recording: Recording, name: str) -> Recording:
    """Returns a recording with a Job of web that depends on the image."""
    workload = recording.get(DEPLOYMENT)
    job = replace(
        workload,
        urn=f"{JOB}-{name}",
        type="kubernetes:batch/v1:Job",
        name=f"web-{name}",
        inputs={"metadata": {"name": name}},
    )
    return replace(recording, resources=(*recording.resources, job))


def with_input(recording: Recording, resource: Resource, **inputs: object) -> Recording:
    changed = replace(resource, inputs={**resource.inputs, **inputs})
    others = tuple(each for each in recording.resources if each.urn != resource.urn)
    return replace(recording, resources=(*others, changed))


def test_equal_recordings_have_no_dependents() -> None:
    assert dependents(recording_of("prod"), recording_of("prod")) == {}


def test_changed_new_and_removed_resources_depend_on_the_image() -> None:
    recording = recording_of("prod")
    before = with_job(recording, "one")
    after = with_job(with_input(recording, recording.get(DEPLOYMENT), spec={"a": 1}), "two")
    found = dependents(before, after)
    assert {*found} == {DEPLOYMENT, f"{JOB}-one", f"{JOB}-two"}
    assert found[f"{JOB}-one"] == found[f"{JOB}-two"] == {""}
    assert "spec.a" in found[DEPLOYMENT]
    assert beyond([*found], "web", before, after) == []


@pytest.mark.parametrize(
    "type_", ["aws:ecr/repository:Repository", "kubernetes:policy/v1:PodDisruptionBudget"]
)
def test_resources_of_aws_and_of_other_apps_are_beyond_a_release(type_: str) -> None:
    recording = recording_of("prod")
    urns = [each.urn for each in recording.of_type(type_) if each.name != "web"]
    assert urns
    assert beyond(urns, "web", recording) == urns


def test_a_resource_of_aws_in_the_component_of_the_app_is_beyond_a_release() -> None:
    recording = recording_of("wide")
    role, *_ = [
        each
        for each in recording.of_type("aws:iam/role:Role")
        if each.parent and recording.get(each.parent).type == "ha-eks:index:App"
    ]
    app = recording.get(str(role.parent)).name
    assert beyond([role.urn], app, recording) == [role.urn], "a release would need rights in AWS"


def test_paths_name_each_value_that_differs() -> None:
    first: object = {"a": {"b": [1, {"c": 2}]}, "same": [], "gone": {}}
    second: object = {"a": {"b": [1, {"c": 3}, 4]}, "same": []}
    assert differing(first, second) == {"a.b[1].c", "a.b[2]", "gone"}


def step(operation: str, old: object, new: object, urn: str = DEPLOYMENT) -> Mapping[str, Any]:
    states = {"oldState": old and {"inputs": old}, "newState": new and {"inputs": new}}
    return {"op": operation, "urn": urn, **{key: each for key, each in states.items() if each}}


OLD, NEW = {"spec": {"image": "a", "cpu": 1}}, {"spec": {"image": "b", "cpu": 2}}


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        ([step("same", OLD, OLD), step("read", OLD, NEW)], []),
        ([step("update", OLD, OLD)], []),  # Pulumi repeats an update after a failed rollout
        ([step("update", OLD, NEW)], ["Deployment web: spec.cpu", "Deployment web: spec.image"]),
        (
            [step(each, OLD, NEW) for each in ("create-replacement", "replace", "delete-replaced")],
            ["Deployment web: spec.cpu", "Deployment web: spec.image"],
        ),
        ([step("create", None, NEW)], ["Deployment web: create"]),
        ([step("delete", OLD, None, JOB)], ["Job web: delete"]),
    ],
)
def test_a_preview_is_read_as_its_changes(steps: list[Mapping[str, Any]], lines: list[str]) -> None:
    assert [*changes(steps, {})] == lines


def test_changes_that_the_image_explains_are_allowed() -> None:
    allowed = {DEPLOYMENT: frozenset({"spec.image"}), JOB: frozenset({""})}
    steps = [step("update", OLD, NEW), step("create", None, NEW, JOB)]
    assert [*changes(steps, allowed)] == ["Deployment web: spec.cpu"]
