"""EFS file systems of workloads with a shared volume."""

import json
from typing import Any

from components.file_systems import FileSystems, FileSystemsArgs
from settings.workload.workload import Workload
from tests.components.app.deployed_apps import settings
from tests.components.deploy import Deployed, deploy, show, with_aws

SYSTEM = "aws:efs/fileSystem:FileSystem"
POINT = "aws:efs/accessPoint:AccessPoint"
TARGET = "aws:efs/mountTarget:MountTarget"
POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy"
SUBNETS = {f"us-east-1{letter}": f"subnet-{letter}" for letter in "abc"}


def file_systems(**volumes: dict[str, Any]) -> Deployed:
    """Deploys the file systems of apps; the user of each is its number plus 1000."""
    workloads: dict[str, Workload] = {
        name: settings(
            sharedVolume={"path": "/srv", **volume}, runAsUser=1000 + number, runAsGroup=2000
        )
        for number, (name, volume) in enumerate(volumes.items())
    }

    def build() -> None:
        args = FileSystemsArgs(
            cell="prod",
            workloads=workloads,
            vpc_id="vpc-1",
            private_subnet_ids=SUBNETS,
            node_security_group_id="sg-nodes",
        )
        component = FileSystems("file-systems", args, with_aws())
        show(
            handles={name: files.handle for name, files in component.files.items()},
            ready={
                name: [resource.urn for resource in files.ready]
                for name, files in component.files.items()
            },
        )

    return deploy(build)


def test_a_file_system_is_encrypted_elastic_and_backed_up() -> None:
    cell = file_systems(web={})
    inputs = cell.one(SYSTEM).inputs
    assert inputs == {
        "encrypted": True, "throughputMode": "elastic", "tags": {"Name": "prod-web"},
    }  # fmt: skip
    backups = cell.one("aws:efs/backupPolicy:BackupPolicy").inputs
    assert backups["backupPolicy"] == {"status": "ENABLED"}
    off = file_systems(web={"backups": False}).one("aws:efs/backupPolicy:BackupPolicy").inputs
    assert off["backupPolicy"] == {"status": "DISABLED"}, "AWS keeps the former status"


def test_each_zone_has_a_mount_target_that_only_nodes_reach() -> None:
    cell = file_systems(web={})
    targets = cell.of_type(TARGET)
    assert [each.inputs["subnetId"] for each in targets] == [*SUBNETS.values()], (
        "the failure of a zone would affect the pods of other zones"
    )
    group = cell.one("aws:ec2/securityGroup:SecurityGroup")
    assert {*map(str, (each.inputs["securityGroups"] for each in targets))} == {
        str([cell.id_of(group)])
    }
    rule = cell.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert rule == {
        "securityGroupId": cell.id_of(group),
        "referencedSecurityGroupId": "sg-nodes",
        "ipProtocol": "tcp",
        "fromPort": 2049,
        "toPort": 2049,
    }


def test_pods_wait_for_rule_mount_targets_and_policy() -> None:
    ready = [urn.rpartition("::")[2] for urn in file_systems(web={}).shown()["ready"]["web"]]
    assert ready == [
        "file-systems-from-nodes", "web-us-east-1a", "web-us-east-1b", "web-us-east-1c", "web",
    ]  # fmt: skip


def test_an_access_point_belongs_to_the_user_of_the_workload() -> None:
    cell = file_systems(web={}, other={})
    assert cell.one(POINT, "other").inputs["posixUser"] == {"uid": 1001, "gid": 2000}
    assert cell.one(POINT, "other").inputs["rootDirectory"] == {
        "path": "/other",
        "creationInfo": {"ownerUid": 1001, "ownerGid": 2000, "permissions": "0750"},
    }
    assert len(cell.of_type(SYSTEM)) == 2, "deleting one workload would delete files of others"


def test_a_workload_can_share_the_files_of_another_as_its_user() -> None:
    cell = file_systems(web={}, jobs={"of": "web"})
    web, jobs = (cell.one(POINT, name).inputs for name in ("web", "jobs"))
    for key in ("posixUser", "rootDirectory", "fileSystemId"):
        assert web[key] == jobs[key], "the workload could not write the files"
    handles = cell.shown()["handles"]
    assert len({*handles.values()}) == 2
    for name, handle in handles.items():
        file_system = cell.id_of(cell.one(SYSTEM))
        assert handle == f"{file_system}::{cell.id_of(cell.one(POINT, name))}"


def test_clients_mount_only_access_points_of_the_cell_and_only_over_tls() -> None:
    cell = file_systems(web={}, jobs={"of": "web"}, other={})
    allow, deny = json.loads(cell.one(POLICY, "web").inputs["policy"])["Statement"]
    points = allow["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"]
    ids = [cell.id_of(cell.one(POINT, name)) for name in ("web", "jobs")]
    assert [each.rpartition("/")[2] for each in points] == ids
    assert allow["Condition"]["Bool"] == {"elasticfilesystem:AccessedViaMountTarget": "true"}
    assert allow["Action"] == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert (deny["Effect"], deny["Action"]) == ("Deny", "*")
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_an_existing_file_system_only_gets_an_access_point() -> None:
    cell = file_systems(web={"fileSystem": "fs-0123456789abcdef0"})
    assert [each.typ for each in cell.all if each.typ.startswith("aws:")] == [POINT]
    point = cell.one(POINT)
    handle = f"fs-0123456789abcdef0::{cell.id_of(point)}"
    assert cell.shown()["handles"] == {"web": handle}
    assert point.inputs["rootDirectory"]["path"] == "/web"
