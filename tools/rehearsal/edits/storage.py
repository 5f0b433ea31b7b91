"""Edits of storage: a shared volume, AWS secrets as files, and the protection of volumes."""

from tools.rehearsal.edits.apps import main_app_section
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.headroom import OVERPROVISIONER


def add_shared_volume(config: Config) -> None:
    """Adds a shared volume to the main app."""
    main_app_section(config)["sharedVolume"] = {"path": "/srv/shared"}


ADD_SHARED_VOLUME = Edit(
    name="add a shared volume to an app",
    change=add_shared_volume,
    expected=(
        "create Addon storage-aws-efs-csi-driver",
        "create SecurityGroup file-systems",
        "create SecurityGroupIngressRule file-systems-from-nodes",
        "create FileSystem APP",
        "create FileSystemPolicy APP",
        "create BackupPolicy APP",
        "create AccessPoint APP",
        "create MountTarget APP-*",
        "create PersistentVolume APP-shared",
        "create PersistentVolumeClaim APP-shared",
        "update Deployment APP",
    ),
    optional=(f"update {OVERPROVISIONER}",),
)


def add_aws_secret(config: Config) -> None:
    """Adds a secret that exists in another account to the main app."""
    arn = f"arn:aws:secretsmanager:{config['aws:region']}:210987654321:secret:edited-AbCdEf"
    main_app_section(config)["awsSecrets"] = {"/mnt/secrets/edited": arn}


ADD_AWS_SECRET = Edit(
    name="add an AWS secret to an app",
    change=add_aws_secret,
    expected=(
        "create Addon storage-aws-secrets-store-csi-driver-provider",
        "create RolePolicy APP*",
        "create SecretProviderClass APP-*",
        "update Deployment APP",
    ),
    optional=(f"update {OVERPROVISIONER}",),
)


def disable_volume_protection(config: Config) -> None:
    """Turns off the deletion protection of all volumes, as docs/teardown.md describes."""
    for kind in ("apps", "workers", "singletons", "cronJobs"):
        for workload in config.get(f"ha-eks:{kind}", {}).values():
            shared = workload.get("sharedVolume")
            if shared and not {"of", "fileSystem"} & {*shared}:
                shared["deletionProtection"] = False
            if "volume" in workload:
                workload["volume"]["deletionProtection"] = False
