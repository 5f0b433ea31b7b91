"""The persistent volume of an app: an EBS volume in one zone, for one pod."""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import core, meta

from components.cluster.storage import CLASS
from settings.workload.container import Volume

_VOLUME = "kept"


def volume_claim(
    name: str,
    volume: Volume,
    metadata: meta.v1.ObjectMetaArgs,
    storage: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> core.v1.PersistentVolumeClaim:
    """Creates the claim. Deleting the claim deletes the volume and its data.

    Pulumi waits until the claim is pending only: the StorageClass binds the claim once the pod is
    scheduled, in the zone of the pod.
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


def volumes(claim_name: pulumi.Input[str] | None) -> Sequence[core.v1.VolumeArgs]:
    """Returns the volume of a claim."""
    if claim_name is None:
        return []
    source = core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=claim_name)
    return [core.v1.VolumeArgs(name=_VOLUME, persistent_volume_claim=source)]


def mounts(volume: Volume | None) -> Sequence[core.v1.VolumeMountArgs]:
    """Returns the mount of the volume."""
    if volume is None:
        return []
    return [core.v1.VolumeMountArgs(name=_VOLUME, mount_path=volume.path)]
