"""Secrets as files of a pod."""

from collections.abc import Iterator, Mapping

from pulumi_kubernetes import core

from settings.workload.container import SecretFile

_MODE = 0o440
"""Permissions of the files. Their owner is root, and their group that of the container."""


def volumes(files: Mapping[str, SecretFile]) -> Iterator[core.v1.VolumeArgs]:
    """Yields a volume for each Secret. A pod whose Secret does not exist does not start."""
    for secret, name in _names(files).items():
        source = core.v1.SecretVolumeSourceArgs(secret_name=secret, default_mode=_MODE)
        yield core.v1.VolumeArgs(name=name, secret=source)


def mounts(files: Mapping[str, SecretFile]) -> Iterator[core.v1.VolumeMountArgs]:
    """Yields the mount of each file or directory."""
    names = _names(files)
    for path, file in files.items():
        yield core.v1.VolumeMountArgs(
            name=names[file.secret], mount_path=path, sub_path=file.key, read_only=True
        )


def _names(files: Mapping[str, SecretFile]) -> Mapping[str, str]:
    """Returns the name of the volume of each Secret."""
    secrets = dict.fromkeys(file.secret for file in files.values())
    return {secret: f"secret-{number}" for number, secret in enumerate(secrets)}
