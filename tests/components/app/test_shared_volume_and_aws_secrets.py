"""The shared volume of a workload, and its AWS secrets as files."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.components.app.deployed_apps import app, pod
from tests.components.app.test_cron_job import deployed as cron_job
from tests.components.deploy import Deployed

VOLUME = "kubernetes:core/v1:PersistentVolume"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
CLASS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/a/flag"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
SECRETS = {"/mnt/s/db.json": SECRET, "/mnt/s/flag": PARAMETER}

every_kind = pytest.mark.parametrize("build", [app, cron_job])


@every_kind
def test_the_volume_is_the_access_point_for_all_pods(build: Callable[..., Deployed]) -> None:
    cell = build(sharedVolume={"path": "/srv"})
    volume, claim = cell.one(VOLUME).inputs, cell.one(CLAIM).inputs
    assert volume["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "capacity": {"storage": "1Gi"},
        "claimRef": {
            "namespace": claim["metadata"]["namespace"],
            "name": claim["metadata"]["name"],
        },
        "csi": {
            "driver": "efs.csi.aws.com",
            "volumeHandle": "fs-0123456789abcdef0::fsap-0123456789abcdef0",
        },
        "persistentVolumeReclaimPolicy": "Retain",
    }
    assert claim["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "",
        "volumeName": volume["metadata"]["name"],
    }, "the default class would provision an EBS volume"
    assert volume["metadata"]["name"].endswith("-fsap-0123456789abcdef0"), (
        "another access point could not replace the objects"
    )


def test_pods_mount_the_claim_at_the_path() -> None:
    spec = pod(sharedVolume={"path": "/srv"})
    name = "web-fsap-0123456789abcdef0"
    assert spec["volumes"] == [{"name": "shared", "persistentVolumeClaim": {"claimName": name}}]
    assert spec["containers"][0]["volumeMounts"] == [{"name": "shared", "mountPath": "/srv"}]


def test_pods_need_no_access_to_mount_targets() -> None:
    """The driver mounts the files on the network of the node."""
    type_ = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
    without, with_files = app(), app(sharedVolume={"path": "/srv"})
    assert with_files.one(type_).inputs == without.one(type_).inputs


def test_a_migration_mounts_shared_files_and_secrets() -> None:
    cell = app(
        sharedVolume={"path": "/srv"}, awsSecrets=SECRETS, migration={"command": ("/migrate",)}
    )
    spec = cell.one("kubernetes:batch/v1:Job").inputs["spec"]["template"]["spec"]
    mounts = [each["mountPath"] for each in spec["containers"][0]["volumeMounts"]]
    assert mounts == ["/mnt/s", "/srv"]


@every_kind
def test_the_driver_reads_the_secrets_with_the_role_of_the_pods(
    build: Callable[..., Deployed],
) -> None:
    parameters = build(awsSecrets=SECRETS).one(CLASS).inputs["spec"]["parameters"]
    assert json.loads(parameters.pop("objects")) == [
        {"objectName": SECRET, "objectType": "secretsmanager", "objectAlias": "db.json"},
        {"objectName": PARAMETER, "objectType": "ssmparameter", "objectAlias": "flag"},
    ]
    assert parameters == {"region": "us-east-1", "usePodIdentity": "true"}


@every_kind
def test_the_role_can_read_only_the_secrets_of_the_stack_file(
    build: Callable[..., Deployed],
) -> None:
    cell = build(awsSecrets=SECRETS, awsSecretKeys=(KEY,))
    [policy] = cell.of_type("aws:iam/rolePolicy:RolePolicy")
    assert json.loads(policy.inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            "Resource": [SECRET],
        },
        {"Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": [PARAMETER]},
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [KEY],
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": [
                        "secretsmanager.us-east-1.amazonaws.com",
                        "ssm.us-east-1.amazonaws.com",
                    ]
                }
            },
        },
    ]


def test_a_role_has_no_permission_that_no_secret_needs() -> None:
    def statements(**changes: Any) -> Any:
        [policy] = app(**changes).of_type("aws:iam/rolePolicy:RolePolicy")
        return [each["Action"][0] for each in json.loads(policy.inputs["policy"])["Statement"]]

    assert statements(awsSecrets={"/a/b": PARAMETER}) == ["ssm:GetParameters"]
    assert statements(awsSecrets={"/a/b": SECRET}) == ["secretsmanager:DescribeSecret"]
    policies = ("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",)
    assert app(policies=policies).of_type("aws:iam/rolePolicy:RolePolicy") == []


def test_pods_mount_the_directory_of_the_secrets_read_only() -> None:
    spec = pod(awsSecrets=SECRETS)
    [volume] = spec["volumes"]
    class_name = volume["csi"]["volumeAttributes"]["secretProviderClass"]
    assert volume == {
        "name": "aws-secrets",
        "csi": {
            "driver": "secrets-store.csi.k8s.io",
            "readOnly": True,
            "volumeAttributes": {"secretProviderClass": class_name},
        },
    }
    assert class_name == app(awsSecrets=SECRETS).one(CLASS).inputs["metadata"]["name"]
    mount = {"name": "aws-secrets", "mountPath": "/mnt/s", "readOnly": True}
    assert spec["containers"][0]["volumeMounts"] == [mount]


def test_other_secrets_roll_out_the_pods() -> None:
    others = {"/mnt/s/db.json": SECRET}
    names = {app(awsSecrets=each).one(CLASS).name for each in (SECRETS, others)}
    assert len(names) == 2, "running pods of the old version could not be created again"


def test_pods_with_secrets_get_credentials_before_they_start() -> None:
    annotations = (
        app(awsSecrets=SECRETS)
        .one("kubernetes:apps/v1:Deployment")
        .inputs["spec"]["template"]["metadata"]["annotations"]
    )
    assert "ha-eks/identity" in annotations
