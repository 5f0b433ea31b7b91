"""All constraints together: recordings are accepted, and every constraint can refuse something."""

import importlib
import pkgutil
from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    created_by,
    delete,
    disable_protection,
    inputs_of,
    names_in,
    recorded,
    remove,
    update,
)
from tests.tools.rehearsal.constraints import test_aws, test_kubernetes
from tools.recording import Recording
from tools.rehearsal import constraints
from tools.rehearsal.constraints import CONSTRAINTS, aws, kubernetes
from tools.rehearsal.fake_cloud.cloud import FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values


def test_every_recording_is_created_in_order_and_deleted_in_reverse(recording: Recording) -> None:
    cloud, resources = cloud_for(recording), created_by(recording)
    for number, each in enumerate(resources):
        try:
            cloud.create(each.type, each.urn, inputs_of(each))
        except RefusedError as error:
            pytest.fail(f"up would stop at {number}, {each.type} {each.name}: {error}")
    assert names_in(cloud) == {(each.type, each.name) for each in resources}
    assert len(cloud.resources) == len(resources) > 80, "two resources have one identity"
    disable_protection(cloud)
    for each in reversed(resources):
        [resource] = [found for found in cloud.resources.values() if found.urn == each.urn]
        try:
            delete(cloud, resource)
        except RefusedError as error:
            pytest.fail(f"destroy would stop at {each.type} {each.name}: {error}")
    assert cloud.resources == {}, "destroy would leave resources that cost money"
    assert not [each for each in cloud.operations if each.error]


def test_every_recording_accepts_an_update_without_changes(recording: Recording) -> None:
    cloud = build(cloud_for(recording), created_by(recording))
    for resource in list(cloud.resources.values()):
        before = deepcopy(resource.outputs)
        update(cloud, resource, **deepcopy(resource.inputs))
        if resource.type != "aws:ec2/launchTemplate:LaunchTemplate":  # each update is a new version
            assert resource.outputs == before, f"{resource.urn} would drift without a change"


def test_the_deletion_of_a_deleted_resource_is_no_error(recording: Recording) -> None:
    cloud = build(cloud_for(recording), created_by(recording))
    disable_protection(cloud)
    errors: dict[str, str] = {}
    for resource in reversed(list(cloud.resources.values())):
        delete(cloud, resource)
        try:
            delete(cloud, resource)
        except (RefusedError, LookupError) as error:
            errors[resource.type] = repr(error)
    assert errors == {}, "an engine that was killed after the deletion could never finish destroy"


def test_every_constraint_of_aws_and_kubernetes_has_a_case(
    previewed: Callable[[str], Recording],
) -> None:
    prod = previewed("prod")
    refusing: set[str] = set()

    def check(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
        for constraint in (*aws.CONSTRAINTS, *kubernetes.CONSTRAINTS):
            try:
                constraint(cloud, verb, type_, inputs)
            except RefusedError:
                refusing.add(constraint.__name__)

    for missing, target, _ in (*test_aws.CASES.values(), *test_kubernetes.CASES.values()):
        cloud = build(cloud_for(prod), created_by(prod))
        remove(cloud, target, *missing)
        check(cloud, "create", target[0], inputs_of(recorded(prod, target)))
    cloud = build(cloud_for(prod), created_by(prod))
    cluster = recorded(prod, (test_aws.CLUSTER, "cluster-eksCluster"))
    listener = recorded(prod, (test_aws.LISTENER, "lb-https"))
    check(cloud, "delete", cluster.type, inputs_of(cluster))
    check(cloud, "create", listener.type, inputs_of(listener))
    check(cloud, "create", test_aws.ROLE_POLICY, {"policy": "{}"})
    names = {each.__name__ for each in (*aws.CONSTRAINTS, *kubernetes.CONSTRAINTS)}
    assert refusing == names, "a constraint without a case may never refuse anything"


def test_the_constraints_of_all_modules_are_in_force() -> None:
    modules = [
        importlib.import_module(f"{constraints.__name__}.{each.name}")
        for each in pkgutil.iter_modules(constraints.__path__)
    ]
    defined = {each for module in modules for each in getattr(module, "CONSTRAINTS", ())}
    assert {*CONSTRAINTS} == defined, "a constraint is defined, but never checked"
