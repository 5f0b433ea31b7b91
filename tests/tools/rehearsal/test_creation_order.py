"""The scenario `order`, against the fake cloud without an engine."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.tools.rehearsal.clouds import cloud_for
from tools.recording import Recording, Resource
from tools.recording.recording import in_creation_order
from tools.rehearsal.constraints import CONSTRAINTS
from tools.rehearsal.creation_order import check_orders, latest_orders
from tools.rehearsal.fake_cloud.cloud import FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values
from tools.rehearsal.run import ScenarioError

EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"
VPC = "aws:ec2/vpc:Vpc"


@pytest.fixture
def recording(previewed: Callable[[str], Recording]) -> Recording:
    """Routes of dev, with all that the routes need."""
    dev = previewed("dev")
    routes = dev.of_type(ROUTE)
    kept = {*dev.before(*routes), *(each.urn for each in routes)}
    return replace(dev, resources=tuple(each for each in dev.resources if each.urn in kept))


def without_dependency(recording: Recording, type_: str, on: str) -> Recording:
    def changed(resource: Resource) -> Resource:
        if resource.type != type_:
            return resource
        kept = [urn for urn in resource.dependencies if recording.get(urn).type != on]
        assert len(kept) < len(resource.dependencies)
        return replace(resource, dependencies=tuple(kept))

    return replace(recording, resources=in_creation_order(map(changed, recording.resources)))


def test_each_resource_comes_as_late_as_its_dependents_allow(recording: Recording) -> None:
    resources = recording.cloud_resources
    for position, order in enumerate(latest_orders(recording)):
        latest = resources[position]
        assert {each.urn for each in order} == {each.urn for each in resources[position:]}
        index = order.index(latest)
        assert not [each for each in order[:index] if latest.urn in recording.before(each)]
        assert all(latest.urn in recording.before(each) for each in order[index + 1 :])


def test_the_recorded_order_is_created_and_deleted_too(recording: Recording) -> None:
    clouds: list[FakeCloud] = []

    def empty_cloud(recording: Recording) -> FakeCloud:
        clouds.append(cloud_for(recording))
        return clouds[-1]

    count = len(recording.cloud_resources)
    step = check_orders(recording, empty_cloud)
    assert step.result == f"{count} orders of creation and deletion, none refused"
    [cloud] = clouds
    urns = [each.urn for each in recording.cloud_resources]
    operations = [(each.verb, each.urn) for each in cloud.operations]
    assert operations == [
        *(("create", urn) for urn in urns),
        *(("delete", urn) for urn in reversed(urns)),
    ]


def test_a_missing_dependency_is_refused_even_if_the_recorded_order_is_right(
    recording: Recording,
) -> None:
    recording = without_dependency(recording, NAT, on=ROUTE)
    with pytest.raises(ScenarioError) as caught:
        check_orders(recording, cloud_for)
    start, _, problem = str(caught.value).partition(": a dependency is missing: ")
    assert start == "order: creation orders"
    assert problem.startswith(f"create {NAT} network-nat-us-east-1a: ")
    assert "; " not in problem


def test_a_resource_that_is_deleted_too_early_is_refused(recording: Recording) -> None:
    def address_in_use(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
        if (verb, type_) == ("delete", EIP) and cloud.of_type(VPC):
            raise RefusedError("InUse", "the VPC exists")

    def empty_cloud(recording: Recording) -> FakeCloud:
        return cloud_for(recording, (*CONSTRAINTS, address_in_use))

    problem = f"delete {EIP} network-nat-us-east-1a: InUse: the VPC exists"
    with pytest.raises(ScenarioError) as caught:
        check_orders(recording, empty_cloud, "a mode")
    assert str(caught.value) == (
        f"networks: a mode, creation orders: a dependency is missing: {problem}"
    )
