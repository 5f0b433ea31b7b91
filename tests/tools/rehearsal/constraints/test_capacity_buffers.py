"""What the stand-in cloud refuses of room that the autoscaler keeps."""

from typing import Any

import pytest

from tests.tools.rehearsal.clouds import empty_cloud, make, refused
from tools.rehearsal.constraints import capacity_buffers as buffers
from tools.rehearsal.fake_cloud.cloud import Cloud

DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
BUFFER = "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer"
RELEASE = "kubernetes:helm.sh/v3:Release"

READS: dict[str, Any] = {"extraArgs": {"capacity-buffer-controller-enabled": True}}


@pytest.fixture
def cloud() -> Cloud:
    return empty_cloud(constraints=buffers.CONSTRAINTS)


def define(cloud: Cloud, name: str = "capacitybuffers.autoscaling.x-k8s.io") -> Any:
    return make(cloud, DEFINITION, name, metadata={"name": name})


def release(cloud: Cloud, values: dict[str, Any]) -> Any:
    given = {"name": "ca", "namespace": "ca", "chart": "cluster-autoscaler"}
    return make(cloud, RELEASE, "ca", **given, values=values)


def buffer(cloud: Cloud) -> Any:
    return make(cloud, BUFFER, "room", metadata={"name": "web", "namespace": "headroom"})


def test_a_buffer_comes_after_its_definition(cloud: Cloud) -> None:
    define(cloud, "others.example.com")
    with refused("NotFound", "CapacityBuffer"):
        buffer(cloud)
    define(cloud)
    buffer(cloud)


def test_an_autoscaler_that_reads_buffers_comes_after_their_definition(cloud: Cloud) -> None:
    release(cloud, {})
    cloud.resources.clear()
    with refused("DeadlineExceeded", "never reads"):
        release(cloud, READS)
    define(cloud)
    release(cloud, READS)


@pytest.mark.parametrize("reader", [buffer, lambda cloud: release(cloud, READS)])
def test_a_definition_goes_after_all_that_needs_it(cloud: Cloud, reader: Any) -> None:
    made = define(cloud)
    needs = reader(cloud)
    other = define(cloud, "others.example.com")
    cloud.delete(DEFINITION, other.id, other.urn)
    with refused("DependencyViolation", "read by"):
        cloud.delete(DEFINITION, made.id, made.urn)
    cloud.delete(needs.type, needs.id, needs.urn)
    cloud.delete(DEFINITION, made.id, made.urn)
