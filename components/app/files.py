"""Files that an app reads.

A ConfigMap is named by what is in it and never changes. So another text is another ConfigMap and
another pod template, which rolls out; the ConfigMap before is deleted when that has succeeded, and
the version before keeps it when it has not.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes import core, meta

_VOLUME = "files"
_LONGEST = 240
"""Characters of a file's name in its key, of 253 that a key has."""


def keys(files: Mapping[str, str]) -> Mapping[str, str]:
    """The key of each file, by path: its number, and its name for people."""
    return {
        path: f"{number}-{path.rpartition('/')[2][-_LONGEST:]}"
        for number, path in enumerate(sorted(files))
    }


def config_map(
    app: str, files: Mapping[str, str], namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> core.v1.ConfigMap:
    """An app's files, under a name by their checksum."""
    text = json.dumps(sorted(files.items()))
    name = f"{app}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return core.v1.ConfigMap(
        # A name of its own for Pulumi too: replaced, it would be deleted though the rollout failed.
        name,
        metadata=meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        immutable=True,
        data={key: files[path] for path, key in keys(files).items()},
        opts=opts,
    )


def volumes(name: pulumi.Input[str] | None) -> Sequence[core.v1.VolumeArgs]:
    """The volume of the ConfigMap `name`."""
    if name is None:
        return []
    source = core.v1.ConfigMapVolumeSourceArgs(name=name)
    return [core.v1.VolumeArgs(name=_VOLUME, config_map=source)]


def mounts(files: Mapping[str, str]) -> Sequence[core.v1.VolumeMountArgs]:
    """Each file by itself: what the image has beside it stays."""
    return [
        core.v1.VolumeMountArgs(name=_VOLUME, mount_path=path, sub_path=key, read_only=True)
        for path, key in keys(files).items()
    ]
