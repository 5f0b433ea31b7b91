"""`sharedVolume`: an EFS file system for all pods of a workload."""

import re
from typing import Annotated

from pydantic import AfterValidator

from settings.reading.names import AppName, FilePath
from settings.reading.section import Section, refuse

_FILE_SYSTEM = re.compile(r"fs-(?:[0-9a-f]{8}|[0-9a-f]{17})")


def _file_system(value: str) -> str:
    if not _FILE_SYSTEM.fullmatch(value):
        raise refuse("must be the ID of an EFS file system such as fs-0123456789abcdef0")
    return value


class SharedVolume(Section):
    """EFS file system that all pods of a workload mount, in every zone. The pods read and write the
    same files, with the user and group of the workload.
    https://docs.aws.amazon.com/efs/latest/ug/efs-access-points.html"""

    path: FilePath
    """Absolute path at which the file system is mounted."""
    of: AppName | None = None
    """Workload whose `sharedVolume` the pods mount, as its user and group. Default: the workload
    has its own files."""
    file_system: Annotated[str, AfterValidator(_file_system)] | None = None
    """ID of an existing EFS file system in the region of the cell. It needs a mount target in each
    zone that accepts TCP port 2049 from the nodes, and a policy, if it has one, that allows the
    access point of this program. The pods mount the directory `/NAME`. Default: the program creates
    an encrypted file system with a mount target in each zone."""
    backups: bool = True
    """True: AWS Backup backs up the file system every day, and keeps each backup for 35 days.
    https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html"""
    deletion_protection: bool = True
    """True: Pulumi refuses to delete the file system and its data. To remove the workload, first
    deploy with false."""
