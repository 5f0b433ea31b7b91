"""EFS file systems of workloads with a shared volume.

A file system has a mount target in the private subnet of every zone, so that pods of a zone use the
mount target of their zone, and the failure of a zone does not affect the others. Each workload
mounts an access point: a directory that belongs to its user and group. The mounts are made by the
daemon set of the EFS CSI driver, on the network of the node, over TLS. Mount targets are created
before the nodes of their zone, and deleted after them.
https://docs.aws.amazon.com/efs/latest/ug/how-it-works.html
docs/decisions/0058-each-shared-volume-has-its-own-file-system.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, efs, vpc

from core.iam import file_system_policy
from settings.workload.shared_volume import SharedVolume
from settings.workload.workload import Workload

_NFS = 2049
"""Port of mount targets."""
_MODE = "0750"
"""Permissions of the directory of an access point."""


@dataclass(frozen=True, kw_only=True)
class FileSystemsArgs:
    """Arguments of FileSystems."""

    cell: str
    """Name of the cell."""
    workloads: Mapping[str, Workload]
    """Workloads with a shared volume, by name."""
    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    private_subnet_ids: Mapping[str, pulumi.Input[str]]
    """Private subnet of each zone."""
    node_security_group_id: pulumi.Input[str]
    """Id of the security group of the nodes, from which mount targets accept connections."""


@dataclass(frozen=True, kw_only=True)
class SharedFiles:
    """The access point of a workload with a shared volume."""

    handle: pulumi.Output[str]
    """Volume handle: file system and access point."""
    ready: Sequence[pulumi.Resource]
    """Resources that the driver needs to mount the volume: mount targets and policies."""


class FileSystems(pulumi.ComponentResource):
    """Creates the file systems and access points of workloads with a shared volume."""

    files: Mapping[str, SharedFiles]
    """Access point of each workload, by name."""
    mount_targets: Sequence[pulumi.Resource]
    """Mount targets with the rule that admits nodes, for node groups that depend on them."""

    def __init__(
        self, name: str, args: FileSystemsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:FileSystems", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        volumes = {
            key: each.shared_volume for key, each in args.workloads.items() if each.shared_volume
        }
        owners = {key: volume.of or key for key, volume in volumes.items()}
        created = {
            key: self._file_system(key, volume)
            for key, volume in volumes.items()
            if not (volume.of or volume.file_system)
        }
        ids = {
            **{key: each.file_system or "" for key, each in volumes.items()},
            **{key: each.id for key, each in created.items()},
        }
        points = {key: self._access_point(key, owner, ids[owner]) for key, owner in owners.items()}
        self.mount_targets = self._mount_targets(name, created) if created else []
        policies = [
            self._policy(
                key,
                file_system,
                [points[user].arn for user, owner in owners.items() if owner == key],
            )
            for key, file_system in created.items()
        ]
        self.files = {
            key: SharedFiles(
                handle=pulumi.Output.concat(ids[owners[key]], "::", point.id),
                ready=[*self.mount_targets, *policies],
            )
            for key, point in points.items()
        }
        self.register_outputs({})

    def _file_system(self, workload: str, volume: SharedVolume) -> efs.FileSystem:
        """Creates a file system that is encrypted with the key of AWS, with its backups.

        Elastic throughput has no limit that depends on the size, and is billed by use.
        https://docs.aws.amazon.com/efs/latest/ug/performance.html#throughput-modes
        """
        file_system = efs.FileSystem(
            workload,
            efs.FileSystemArgs(
                encrypted=True,
                throughput_mode="elastic",
                tags={"Name": f"{self._args.cell}-{workload}"},
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=volume.deletion_protection),
        )
        efs.BackupPolicy(
            workload,
            efs.BackupPolicyArgs(
                file_system_id=file_system.id,
                backup_policy=efs.BackupPolicyBackupPolicyArgs(
                    status="ENABLED" if volume.backups else "DISABLED"
                ),
            ),
            opts=self._child,
        )
        return file_system

    def _access_point(
        self, workload: str, owner: str, file_system_id: pulumi.Input[str]
    ) -> efs.AccessPoint:
        """Creates an access point for the directory of `owner`, with the user and group of `owner`.

        EFS creates the directory at the first mount. Another user or group replaces the access
        point, but not the owner of the directory.
        """
        app = self._args.workloads[owner]
        return efs.AccessPoint(
            workload,
            efs.AccessPointArgs(
                file_system_id=file_system_id,
                posix_user=efs.AccessPointPosixUserArgs(uid=app.run_as_user, gid=app.run_as_group),
                root_directory=efs.AccessPointRootDirectoryArgs(
                    path=f"/{owner}",
                    creation_info=efs.AccessPointRootDirectoryCreationInfoArgs(
                        owner_uid=app.run_as_user, owner_gid=app.run_as_group, permissions=_MODE
                    ),
                ),
                tags={"Name": f"{self._args.cell}-{workload}"},
            ),
            opts=self._child,
        )

    def _mount_targets(
        self, name: str, created: Mapping[str, efs.FileSystem]
    ) -> list[pulumi.Resource]:
        """Creates a mount target of each file system in each zone, and their security group."""
        args, full_name = self._args, f"{self._args.cell}-{name}"
        group = ec2.SecurityGroup(
            name,
            ec2.SecurityGroupArgs(
                description="EFS mount targets", vpc_id=args.vpc_id, tags={"Name": full_name}
            ),
            opts=self._child,
        )
        rule = vpc.SecurityGroupIngressRule(
            f"{name}-from-nodes",
            vpc.SecurityGroupIngressRuleArgs(
                security_group_id=group.id,
                referenced_security_group_id=args.node_security_group_id,
                ip_protocol="tcp",
                from_port=_NFS,
                to_port=_NFS,
            ),
            opts=self._child,
        )
        targets = [
            efs.MountTarget(
                f"{workload}-{zone}",
                efs.MountTargetArgs(
                    file_system_id=file_system.id, subnet_id=subnet_id, security_groups=[group.id]
                ),
                opts=self._child,
            )
            for workload, file_system in created.items()
            for zone, subnet_id in args.private_subnet_ids.items()
        ]
        return [rule, *targets]

    def _policy(
        self,
        workload: str,
        file_system: efs.FileSystem,
        access_points: Sequence[pulumi.Input[str]],
    ) -> efs.FileSystemPolicy:
        document = pulumi.Output.json_dumps(file_system_policy(file_system.arn, access_points))
        return efs.FileSystemPolicy(
            workload,
            efs.FileSystemPolicyArgs(file_system_id=file_system.id, policy=document),
            opts=self._child,
        )
