"""Constraints on EFS file systems, and on pods that mount shared volumes and AWS secrets."""

import json

import pytest

from core.facts.versions.add_ons import EFS_DRIVER, SECRETS_DRIVER
from tests.tools.rehearsal.clouds import (
    Name,
    build,
    cloud_for,
    create_again,
    created_by,
    delete,
    find,
    make,
    refused,
    remove,
    update,
)
from tools.recording import Recording
from tools.rehearsal.constraints import apps, kubernetes, storage
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP, FakeCloud

ADD_ON = "aws:eks/addon:Addon"
TARGET = "aws:efs/mountTarget:MountTarget"
POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
VOLUME = "kubernetes:core/v1:PersistentVolume"
SECRETS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"

SHARING, GUEST, READING = "app-2", "app-7", "app-3"
"""Apps of the stack `wide`: with files of its own, with the files of app-2, with AWS secrets."""


@pytest.fixture
def cloud(wide: Recording) -> FakeCloud:
    constraints = (*apps.CONSTRAINTS, *storage.CONSTRAINTS)
    return build(cloud_for(wide, constraints=constraints), created_by(wide))


def add_on(cloud: FakeCloud, name: str) -> Name:
    [found] = [each for each in cloud.of_type(ADD_ON) if each.inputs["addonName"] == name]
    return found.type, found.name


def file_system_of(cloud: FakeCloud, app: str) -> str:
    volume = find(cloud, (VOLUME, f"{app}-shared"))
    return volume.inputs["spec"]["csi"]["volumeHandle"].partition("::")[0]


def zone_of(cloud: FakeCloud, target: str) -> str:
    return find(cloud, (TARGET, target)).name.removeprefix(f"{SHARING}-")


def first_target(cloud: FakeCloud) -> str:
    names = sorted(each.name for each in cloud.of_type(TARGET))
    return next(each for each in names if each.startswith(f"{SHARING}-"))


def test_a_file_system_has_one_mount_target_in_a_zone(cloud: FakeCloud) -> None:
    target = find(cloud, (TARGET, first_target(cloud)))
    with refused("MountTargetConflict", f"MountTarget {target.name} is in the same zone"):
        make(cloud, TARGET, "second", **target.inputs)


@pytest.mark.parametrize("app", [SHARING, GUEST])
def test_pods_start_only_where_a_mount_target_is(
    cloud: FakeCloud, wide: Recording, app: str
) -> None:
    target, file_system = first_target(cloud), file_system_of(cloud, app)
    zone = zone_of(cloud, target)
    deployment = find(cloud, (DEPLOYMENT, app))
    remove(cloud, (TARGET, target))
    message = f"the pods do not start: {file_system} has no mount target for the nodes in {zone}"
    with refused("Timeout", message):
        update(cloud, deployment, **deployment.inputs)
    remove(cloud, (DEPLOYMENT, app))
    with refused("Timeout", message):
        create_again(cloud, wide, (DEPLOYMENT, app))


def test_pods_start_only_if_mount_targets_admit_nodes(cloud: FakeCloud) -> None:
    deployment = find(cloud, (DEPLOYMENT, SHARING))
    zone = zone_of(cloud, first_target(cloud))
    remove(cloud, (INGRESS, "file-systems-from-nodes"))
    file_system = file_system_of(cloud, SHARING)
    message = f"the pods do not start: {file_system} has no mount target for the nodes in {zone}"
    with refused("Timeout", message):
        update(cloud, deployment, **deployment.inputs)


def test_pods_start_only_if_the_policy_allows_their_access_point(cloud: FakeCloud) -> None:
    deployment, policy = find(cloud, (DEPLOYMENT, GUEST)), find(cloud, (POLICY, SHARING))
    document = json.loads(policy.inputs["policy"])
    conditions = document["Statement"][0]["Condition"]["StringEquals"]
    handle = find(cloud, (VOLUME, f"{GUEST}-shared")).inputs["spec"]["csi"]["volumeHandle"]
    file_system, _, access_point = handle.partition("::")
    key = "elasticfilesystem:AccessPointArn"
    conditions[key] = [each for each in conditions[key] if not each.endswith(access_point)]
    update(cloud, policy, **{**policy.inputs, "policy": json.dumps(document)})
    message = f"the pods do not start: the policy of {file_system} denies {access_point}"
    with refused("Timeout", message):
        update(cloud, deployment, **deployment.inputs)


def test_pods_start_only_with_the_driver(cloud: FakeCloud) -> None:
    deployment = find(cloud, (DEPLOYMENT, SHARING))
    remove(cloud, add_on(cloud, EFS_DRIVER))
    with refused("Timeout", "the pods do not start: aws-efs-csi-driver does not exist"):
        update(cloud, deployment, **deployment.inputs)


def test_a_mount_target_is_deleted_after_the_volumes(cloud: FakeCloud) -> None:
    target = find(cloud, (TARGET, first_target(cloud)))
    with refused("LeftBehind", "mount target is deleted before PersistentVolume app-2-shared"):
        delete(cloud, target)


def test_a_mount_target_is_deleted_after_the_nodes_of_its_zone(cloud: FakeCloud) -> None:
    for each in cloud.of_type(NODE_GROUP):
        remove(cloud, (NODE_GROUP, each.name))
    file_system = file_system_of(cloud, SHARING)
    *others, last = [
        each for each in cloud.of_type(TARGET) if each.inputs["fileSystemId"] == file_system
    ]
    for each in others:
        delete(cloud, each)
    with refused("LeftBehind", "mount target is deleted before PersistentVolume app-2-shared"):
        delete(cloud, last)


def test_the_claim_of_a_shared_volume_needs_its_volume(cloud: FakeCloud) -> None:
    claim = find(cloud, (CLAIM, f"{SHARING}-shared"))
    name = claim.inputs["spec"]["volumeName"]
    remove(cloud, (VOLUME, f"{SHARING}-shared"))
    message = f"the claim stays pending: PersistentVolume {name} does not exist"
    with refused("Timeout", message):
        update(cloud, claim, **claim.inputs)


def test_a_secret_provider_class_needs_the_add_on(cloud: FakeCloud) -> None:
    [secrets] = [e for e in cloud.of_type(SECRETS) if e.inputs["metadata"]["namespace"] == READING]
    remove(cloud, add_on(cloud, SECRETS_DRIVER))
    with refused("NotFound", "no matches for kind SecretProviderClass"):
        update(cloud, secrets, **secrets.inputs)


def test_pods_need_their_secret_provider_class(cloud: FakeCloud) -> None:
    [secrets] = [e for e in cloud.of_type(SECRETS) if e.inputs["metadata"]["namespace"] == READING]
    deployment = find(cloud, (DEPLOYMENT, READING))
    with refused("Timeout", f"{secrets.name} is in use by {deployment.label}"):
        delete(cloud, secrets)
    remove(cloud, (SECRETS, secrets.name))
    message = f"the pods do not start: SecretProviderClass {secrets.name} does not exist"
    with refused("Timeout", message):
        update(cloud, deployment, **deployment.inputs)


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        (
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
        ),
        ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:123456789012:parameter/wide/flag"),
    ],
)
def test_pods_start_only_if_their_role_can_read_the_secrets(
    cloud: FakeCloud, action: str, arn: str
) -> None:
    deployment = find(cloud, (DEPLOYMENT, READING))
    policy = find(cloud, (ROLE_POLICY, f"{READING}:secrets"))
    document = json.loads(policy.inputs["policy"])
    document["Statement"] = [e for e in document["Statement"] if action not in e["Action"]]
    update(cloud, policy, **{**policy.inputs, "policy": json.dumps(document)})
    message = f"the pods do not start: their role has no permission {action} for {arn}"
    with refused("Timeout", message):
        update(cloud, deployment, **deployment.inputs)


@pytest.mark.parametrize(("driver", "type_"), [(EFS_DRIVER, VOLUME), (SECRETS_DRIVER, SECRETS)])
def test_a_driver_is_deleted_after_the_objects_that_it_serves(
    cloud: FakeCloud, driver: str, type_: str
) -> None:
    resource, served = find(cloud, add_on(cloud, driver)), cloud.of_type(type_)
    with refused("LeftBehind", f"{driver} is deleted before {served[0].label}"):
        delete(cloud, resource)
    for each in served:
        remove(cloud, (each.type, each.name))
    delete(cloud, resource)


def test_claims_of_shared_volumes_do_not_keep_the_ebs_driver(cloud: FakeCloud) -> None:
    for each in cloud.of_type(CLAIM):
        if each.inputs["spec"]["storageClassName"]:
            remove(cloud, (each.type, each.name))
    delete(cloud, find(cloud, add_on(cloud, "aws-ebs-csi-driver")))


def test_the_add_on_with_only_daemon_sets_needs_no_node(wide: Recording) -> None:
    cloud = cloud_for(wide, constraints=kubernetes.CONSTRAINTS)
    inputs = {"addonName": SECRETS_DRIVER, "clusterName": "wide"}
    cloud.external |= {"wide"}
    make(cloud, ADD_ON, "secrets", **inputs)
