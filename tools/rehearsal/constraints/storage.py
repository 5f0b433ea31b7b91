"""Constraints of EFS and of the CSI drivers: pods that mount shared volumes and AWS secrets.

- A file system has at most one mount target in a zone:
  https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html
- Pods wait in ContainerCreating until the driver has mounted their volumes. A node uses the mount
  target of its zone: https://docs.aws.amazon.com/efs/latest/ug/how-it-works.html
- A kind of an add-on exists as long as the add-on.
- The role of the pods reads the secrets:
  https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-pod-identity-integration.html
"""

import json
from collections.abc import Iterator
from typing import cast

from core.facts.versions.add_ons import EFS_DRIVER, SECRETS_DRIVER
from tools.rehearsal.constraints.aws import policies_of
from tools.rehearsal.constraints.network import zones_of
from tools.rehearsal.constraints.policy_documents import covers, statements_of
from tools.rehearsal.fake_cloud.cloud import JOB, NODE_GROUP, Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.references import Values, namespace_of

_ADD_ON = "aws:eks/addon:Addon"
_ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_FILE_SYSTEM_POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy"
_ACCESS_POINT = "aws:efs/accessPoint:AccessPoint"
_MOUNT_TARGET = "aws:efs/mountTarget:MountTarget"
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_ROLE = "aws:iam/role:Role"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_VOLUME = "kubernetes:core/v1:PersistentVolume"
_SECRETS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"

_NFS = 2049
_READS = {"secretsmanager": "secretsmanager:GetSecretValue", "ssmparameter": "ssm:GetParameters"}
"""Action that reads a secret, by its type in the SecretProviderClass."""


def _one_mount_target_per_zone(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ != _MOUNT_TARGET or verb != "create":
        return
    zones = zones_of(cloud, [inputs["subnetId"]])
    for other in cloud.of_type(_MOUNT_TARGET):
        same = other.inputs["fileSystemId"] == inputs["fileSystemId"]
        if same and zones & zones_of(cloud, [other.inputs["subnetId"]]):
            raise RefusedError("MountTargetConflict", f"{other.label} is in the same zone")


def _kind_exists(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ == _SECRETS and verb != "delete" and not _has_add_on(cloud, SECRETS_DRIVER):
        raise RefusedError("NotFound", "no matches for kind SecretProviderClass")


def _can_mount(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The nodes can mount the shared volume of a pod in every zone."""
    if type_ not in (_DEPLOYMENT, JOB) or verb == "delete":
        return
    for volume in _shared_volumes(cloud, inputs):
        file_system, _, access_point = volume.inputs["spec"]["csi"]["volumeHandle"].partition("::")
        if not _has_add_on(cloud, EFS_DRIVER):
            _does_not_start(f"{EFS_DRIVER} does not exist")
        if file_system in cloud.external:  # its mount targets and policy are unknown
            continue
        targets = [
            each
            for each in cloud.of_type(_MOUNT_TARGET)
            if each.inputs["fileSystemId"] == file_system and _admits_nodes(cloud, each)
        ]
        for zone in sorted(_zones_of_nodes(cloud)):
            if not any(zone in zones_of(cloud, [each.inputs["subnetId"]]) for each in targets):
                _does_not_start(f"{file_system} has no mount target for the nodes in {zone}")
        if not _allowed(cloud, file_system, access_point):
            _does_not_start(f"the policy of {file_system} denies {access_point}")


def _shared_volumes(cloud: FakeCloud, workload: Values) -> Iterator[CloudResource]:
    """Yields the PersistentVolumes that the pods of a workload mount."""
    used = {
        claim.inputs["spec"].get("volumeName")
        for each in _volumes(workload)
        for claim in cloud.of_type(_CLAIM)
        if namespace_of(claim.inputs) == namespace_of(workload)
        and claim.inputs["metadata"]["name"]
        == each.get("persistentVolumeClaim", {}).get("claimName")
    }
    for each in cloud.of_type(_VOLUME):
        if each.inputs["metadata"]["name"] in used:
            yield each


def _volumes(workload: Values) -> list[Values]:
    return cast("list[Values]", workload["spec"]["template"]["spec"].get("volumes") or [])


def _has_add_on(cloud: FakeCloud, name: str) -> bool:
    return any(each.inputs["addonName"] == name for each in cloud.of_type(_ADD_ON))


def _does_not_start(reason: str) -> None:
    raise RefusedError("Timeout", f"the pods do not start: {reason}")


def _admits_nodes(cloud: FakeCloud, target: CloudResource) -> bool:
    """True if a security group of a mount target admits NFS connections."""
    return any(
        rule.inputs["securityGroupId"] in target.inputs["securityGroups"]
        and rule.inputs["fromPort"] <= _NFS <= rule.inputs["toPort"]
        for rule in cloud.of_type(_INGRESS)
    )


def _zones_of_nodes(cloud: FakeCloud) -> set[str]:
    groups = cloud.of_type(NODE_GROUP)
    return {zone for each in groups for zone in zones_of(cloud, each.inputs["subnetIds"])}


def _allowed(cloud: FakeCloud, file_system: str, access_point: str) -> bool:
    """True if the policy of a file system allows an access point. Without a policy, all clients are
    allowed."""
    arns = [each.outputs["arn"] for each in cloud.of_type(_ACCESS_POINT) if each.id == access_point]
    policies = [
        each
        for each in cloud.of_type(_FILE_SYSTEM_POLICY)
        if each.inputs["fileSystemId"] == file_system
    ]
    return all(
        any(
            statement["Effect"] == "Allow"
            and {*arns}
            <= {*statement["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"]}
            for statement in statements_of(each.inputs["policy"])
        )
        for each in policies
    )


def _mount_target_in_use(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Pods hang if the mount target of their zone is deleted before them.

    With a zone, its mount target is deleted after its nodes; the pods of the other zones have
    theirs.
    """
    if type_ != _MOUNT_TARGET or verb != "delete":
        return
    targets = [
        each
        for each in cloud.of_type(_MOUNT_TARGET)
        if each.inputs["fileSystemId"] == inputs["fileSystemId"]
    ]
    zones = zones_of(cloud, [inputs["subnetId"]])
    if len(targets) > 1 and not zones & _zones_of_nodes(cloud):
        return
    for volume in cloud.of_type(_VOLUME):
        if volume.inputs["spec"]["csi"]["volumeHandle"].startswith(inputs["fileSystemId"]):
            raise RefusedError("LeftBehind", f"mount target is deleted before {volume.label}")


def _can_read_secrets(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The role of the pods has the permission to read each secret that they mount."""
    if type_ not in (_DEPLOYMENT, JOB) or verb == "delete":
        return
    namespace = namespace_of(inputs)
    names = {
        each["csi"]["volumeAttributes"]["secretProviderClass"]
        for each in _volumes(inputs)
        if "csi" in each
    }
    arns = {e.inputs["roleArn"] for e in cloud.of_type(_ASSOCIATION)
            if e.inputs["namespace"] == namespace}  # fmt: skip
    statements = [
        statement
        for role in cloud.of_type(_ROLE)
        if role.outputs["arn"] in arns
        for each in policies_of(cloud, role)
        if "policy" in each.inputs
        for statement in statements_of(each.inputs["policy"])
    ]
    for each in cloud.of_type(_SECRETS):
        if namespace_of(each.inputs) != namespace or each.inputs["metadata"]["name"] not in names:
            continue
        for secret in json.loads(each.inputs["spec"]["parameters"]["objects"]):
            action, arn = _READS[secret["objectType"]], secret["objectName"]
            if not any(action in each["Action"] and covers(each, arn) for each in statements):
                _does_not_start(f"their role has no permission {action} for {arn}")


CONSTRAINTS: tuple[Constraint, ...] = (
    _one_mount_target_per_zone, _kind_exists, _can_mount, _mount_target_in_use, _can_read_secrets,
)  # fmt: skip
