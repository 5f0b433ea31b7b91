"""Constraints on CapacityBuffers."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.tools.rehearsal.clouds import delete, empty_cloud, make, refused
from tools.rehearsal.constraints import capacity_buffers
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource

DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
BUFFER = "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer"
RELEASE = "kubernetes:helm.sh/v3:Release"
NAME = "capacitybuffers.autoscaling.x-k8s.io"

READS_BUFFERS: dict[str, Any] = {"extraArgs": {"capacity-buffer-controller-enabled": True}}


@pytest.fixture
def cloud() -> FakeCloud:
    return empty_cloud(constraints=capacity_buffers.CONSTRAINTS)


def definition(cloud: FakeCloud, name: str = NAME) -> CloudResource:
    return make(cloud, DEFINITION, name, metadata={"name": name})


def autoscaler(cloud: FakeCloud, values: dict[str, Any] = READS_BUFFERS) -> CloudResource:
    inputs = {"name": "ca", "namespace": "ca", "chart": "cluster-autoscaler"}
    return make(cloud, RELEASE, "ca", **inputs, values=values)


def buffer(cloud: FakeCloud) -> CloudResource:
    return make(cloud, BUFFER, "buffer", metadata={"name": "web", "namespace": "headroom"})


def test_a_buffer_needs_its_definition(cloud: FakeCloud) -> None:
    definition(cloud, "others.example.com")
    with refused("NotFound", "no matches for kind CapacityBuffer"):
        buffer(cloud)
    definition(cloud)
    buffer(cloud)


def test_an_autoscaler_that_reads_buffers_needs_their_definition(cloud: FakeCloud) -> None:
    autoscaler(cloud, {})
    cloud.resources.clear()
    message = "the autoscaler does not become ready without the definition of CapacityBuffer"
    with refused("DeadlineExceeded", message):
        autoscaler(cloud)
    definition(cloud)
    autoscaler(cloud)


@pytest.mark.parametrize("create_user", [buffer, autoscaler])
def test_the_definition_is_deleted_after_buffers_and_autoscaler(
    cloud: FakeCloud, create_user: Callable[[FakeCloud], CloudResource]
) -> None:
    own = definition(cloud)
    user = create_user(cloud)
    delete(cloud, definition(cloud, "others.example.com"))
    with refused("DependencyViolation", f"{NAME} is in use by {user.label}"):
        delete(cloud, own)
    delete(cloud, user)
    delete(cloud, own)
