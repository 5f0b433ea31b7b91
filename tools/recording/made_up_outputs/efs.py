"""Made-up IDs and outputs of EFS file systems, their parts and settings, by type."""

from tools.recording.made_up_outputs.account import Account, Inputs, MakeOutputs, Outputs
from tools.recording.made_up_outputs.ids import digest


def _resource(prefix: str, kind: str) -> MakeOutputs:
    """Returns the function that makes up a resource with an ARN, whose ID has a prefix."""

    def make_outputs(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        id_ = f"{prefix}-{digest(prefix + name)}"
        return id_, {"arn": account.arn("elasticfilesystem", f"{kind}/{id_}")}

    return make_outputs


def _mount_target(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"fsmt-{digest('fsmt' + name)}", {}


def _setting(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """Returns a setting of a file system. The ID is that of the file system."""
    return inputs["fileSystemId"], {}


EFS: dict[str, MakeOutputs] = {
    "aws:efs/accessPoint:AccessPoint": _resource("fsap", "access-point"),
    "aws:efs/backupPolicy:BackupPolicy": _setting,
    "aws:efs/fileSystem:FileSystem": _resource("fs", "file-system"),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": _setting,
    "aws:efs/mountTarget:MountTarget": _mount_target,
}
