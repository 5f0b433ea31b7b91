"""Files of an app, in an immutable ConfigMap.

The name of the ConfigMap contains a checksum of the files. A changed file therefore creates a new
ConfigMap and changes the pod template, so that the change rolls out. Pulumi deletes the old
ConfigMap after a successful rollout only: until then, pods of the old version can still use it.
docs/decisions/0032-configmaps-of-app-files-are-named-by-checksum.md
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes import core, meta

_VOLUME = "files"
_MAX_NAME = 240
"""Maximum length of a file name in a key; a key has at most 253 characters."""


def keys(files: Mapping[str, str]) -> Mapping[str, str]:
    """Returns the ConfigMap key of each file, by path: a number and the file name."""
    return {
        path: f"{number}-{path.rpartition('/')[2][-_MAX_NAME:]}"
        for number, path in enumerate(sorted(files))
    }


def config_map(
    app: str, files: Mapping[str, str], namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> core.v1.ConfigMap:
    """Creates the ConfigMap of an app's files."""
    text = json.dumps(sorted(files.items()))
    name = f"{app}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return core.v1.ConfigMap(
        # Another logical name too: Pulumi would delete a replaced ConfigMap after a failed rollout.
        name,
        metadata=meta.v1.ObjectMetaArgs(name=name, namespace=namespace),
        immutable=True,
        data={key: files[path] for path, key in keys(files).items()},
        opts=opts,
    )


def volumes(name: pulumi.Input[str] | None) -> Sequence[core.v1.VolumeArgs]:
    """Returns the volume of a ConfigMap."""
    if name is None:
        return []
    source = core.v1.ConfigMapVolumeSourceArgs(name=name)
    return [core.v1.VolumeArgs(name=_VOLUME, config_map=source)]


def mounts(files: Mapping[str, str]) -> Sequence[core.v1.VolumeMountArgs]:
    """Returns one mount per file, so that other files of the image in its directory remain."""
    return [
        core.v1.VolumeMountArgs(name=_VOLUME, mount_path=path, sub_path=key, read_only=True)
        for path, key in keys(files).items()
    ]
