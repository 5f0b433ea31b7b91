"""The volume that an app keeps: an EBS volume in one zone, for one pod."""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import core, meta

from components.cluster.storage import CLASS
from settings.app.container import Volume

_VOLUME = "kept"


def claim(
    name: str,
    volume: Volume,
    metadata: meta.v1.ObjectMetaArgs,
    storage: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> core.v1.PersistentVolumeClaim:
    """The claim to it, with which its data go.

    Pulumi waits until it is pending: the class binds it once there is a pod, in the pod's zone.
    https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/awaiters.go
    """
    return core.v1.PersistentVolumeClaim(
        name,
        metadata=metadata,
        spec=core.v1.PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteOnce"],
            storage_class_name=CLASS,
            resources=core.v1.VolumeResourceRequirementsArgs(requests={"storage": volume.size}),
        ),
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=[*storage], protect=volume.deletion_protection
        ),
    )


def volumes(claimed: pulumi.Input[str] | None) -> Sequence[core.v1.VolumeArgs]:
    """The volume of the claim `claimed`."""
    if claimed is None:
        return []
    source = core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=claimed)
    return [core.v1.VolumeArgs(name=_VOLUME, persistent_volume_claim=source)]


def mounts(volume: Volume | None) -> Sequence[core.v1.VolumeMountArgs]:
    """Where it is mounted."""
    if volume is None:
        return []
    return [core.v1.VolumeMountArgs(name=_VOLUME, mount_path=volume.path)]
