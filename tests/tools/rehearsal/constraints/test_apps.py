"""Constraints on files, volumes and network policies of apps."""

import pytest

from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    create_again,
    created_by,
    delete,
    refused,
    remove,
    update,
)
from tools.recording import Recording
from tools.rehearsal.constraints import apps
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
ADD_ON = "aws:eks/addon:Addon"

WITH_FILES, WITH_VOLUME = "app-0", "app-11"
"""Apps of the stack `wide`."""

mounts = pytest.mark.parametrize(("type_", "app"), [(CONFIG_MAP, WITH_FILES), (CLAIM, WITH_VOLUME)])


@pytest.fixture
def cloud(wide: Recording) -> FakeCloud:
    return build(cloud_for(wide, constraints=apps.CONSTRAINTS), created_by(wide))


def object_of(cloud: FakeCloud, type_: str, app: str) -> CloudResource:
    """Returns the only object of a type in the namespace of an app."""
    [found] = [e for e in cloud.of_type(type_) if e.inputs["metadata"]["namespace"] == app]
    return found


def remove_all(cloud: FakeCloud, type_: str) -> None:
    for each in cloud.of_type(type_):
        del cloud.resources[each.type, each.id]


@mounts
def test_a_deployment_needs_its_config_maps_and_claims(
    cloud: FakeCloud, wide: Recording, type_: str, app: str
) -> None:
    deployment, mount = object_of(cloud, DEPLOYMENT, app), object_of(cloud, type_, app)
    remove(cloud, (type_, mount.name))
    kind, name = type_.rpartition(":")[2], mount.inputs["metadata"]["name"]
    message = f"the pods do not start: {kind} {name} does not exist"
    with refused("Timeout", message):
        update(cloud, deployment, **deployment.inputs)
    remove(cloud, (DEPLOYMENT, deployment.name))
    with refused("Timeout", message):
        create_again(cloud, wide, (DEPLOYMENT, deployment.name))


@mounts
def test_config_maps_and_claims_are_deleted_after_their_deployment(
    cloud: FakeCloud, type_: str, app: str
) -> None:
    deployment, mount = object_of(cloud, DEPLOYMENT, app), object_of(cloud, type_, app)
    message = f"{mount.inputs['metadata']['name']} is in use by {deployment.label}"
    with refused("Timeout", message):
        delete(cloud, mount)
    delete(cloud, deployment)
    delete(cloud, mount)


def test_a_claim_needs_its_storage_class(cloud: FakeCloud) -> None:
    claim = object_of(cloud, CLAIM, WITH_VOLUME)
    remove_all(cloud, STORAGE_CLASS)
    message = "the claim stays pending: StorageClass gp3 does not exist"
    with refused("Timeout", message):
        update(cloud, claim, **claim.inputs)


@pytest.mark.parametrize(
    ("add_on", "type_"), [("aws-ebs-csi-driver", CLAIM), ("vpc-cni", NETWORK_POLICY)]
)
def test_an_add_on_is_deleted_after_the_objects_that_it_serves(
    cloud: FakeCloud, add_on: str, type_: str
) -> None:
    [resource] = [each for each in cloud.of_type(ADD_ON) if each.inputs["addonName"] == add_on]
    served = next(e for e in cloud.of_type(type_) if "volumeName" not in e.inputs["spec"])
    with refused("LeftBehind", f"{add_on} is deleted before {served.label}"):
        delete(cloud, resource)
    remove_all(cloud, type_)
    delete(cloud, resource)
