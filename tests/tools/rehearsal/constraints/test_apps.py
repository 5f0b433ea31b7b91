"""What Kubernetes refuses of what apps are given, on a plan in which they are given everything."""

import pytest

from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    created_by,
    delete,
    inputs_of,
    refused,
    update,
)
from tools.recording import Recording
from tools.rehearsal.constraints import apps
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource

FILES = "kubernetes:core/v1:ConfigMap"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
ADD_ON = "aws:eks/addon:Addon"

READS, KEEPS = "app-0", "app-11"
"""An app with files, and one with a volume."""


@pytest.fixture
def wide(previewed: object) -> Recording:
    recording: Recording = previewed("wide")  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
    return recording


@pytest.fixture
def cloud(wide: Recording) -> Cloud:
    return build(cloud_for(wide, constraints=apps.CONSTRAINTS), created_by(wide))


def of(cloud: Cloud, type_: str, app: str) -> CloudResource:
    [found] = [e for e in cloud.of_type(type_) if e.inputs["metadata"]["namespace"] == app]
    return found


def take_away(cloud: Cloud, *resources: CloudResource) -> None:
    """As if they had not been made yet; no law is asked."""
    for each in resources:
        del cloud.resources[each.type, each.id]


@pytest.mark.parametrize(("type_", "app"), [(FILES, READS), (CLAIM, KEEPS)])
def test_pods_wait_for_what_they_mount(cloud: Cloud, wide: Recording, type_: str, app: str) -> None:
    deployment, mounted = of(cloud, DEPLOYMENT, app), of(cloud, type_, app)
    take_away(cloud, mounted)
    with refused("Timeout", str(mounted.inputs["metadata"]["name"])):
        update(cloud, deployment, **deployment.inputs)
    take_away(cloud, deployment)
    [planned] = [each for each in created_by(wide) if each.urn == deployment.urn]
    with refused("Timeout"):
        cloud.create(planned.type, planned.urn, inputs_of(planned))


@pytest.mark.parametrize(("type_", "app"), [(FILES, READS), (CLAIM, KEEPS)])
def test_what_pods_mount_goes_after_them(cloud: Cloud, type_: str, app: str) -> None:
    with refused("Timeout", "in use"):
        delete(cloud, of(cloud, type_, app))
    delete(cloud, of(cloud, DEPLOYMENT, app))
    delete(cloud, of(cloud, type_, app))


def test_a_claim_needs_its_class(cloud: Cloud) -> None:
    claim = of(cloud, CLAIM, KEEPS)
    take_away(cloud, *cloud.of_type(CLASS))
    with refused("Timeout", "gp3"):
        update(cloud, claim, **claim.inputs)


@pytest.mark.parametrize(("add_on", "type_"), [("aws-ebs-csi-driver", CLAIM), ("vpc-cni", POLICY)])
def test_an_add_on_outlives_what_it_looks_after(cloud: Cloud, add_on: str, type_: str) -> None:
    [thing] = [each for each in cloud.of_type(ADD_ON) if each.inputs["addonName"] == add_on]
    with refused("LeftBehind", add_on):
        delete(cloud, thing)
    take_away(cloud, *cloud.of_type(type_))
    delete(cloud, thing)
