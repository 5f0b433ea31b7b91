"""The shared volume of a workload: a static PersistentVolume of an EFS access point.

Both objects have the id of the access point in their names, so that another access point creates
new ones and rolls out the pods. The EFS CSI driver mounts an access point over TLS.
https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/v3.4.1/pkg/driver/node.go
"""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes import core, meta

from components.file_systems import SharedFiles
from core.facts.versions.add_ons import EFS_DRIVER
from settings.workload.shared_volume import SharedVolume

_VOLUME = "shared"
_SIZE = "1Gi"
"""Size that Kubernetes requires. An EFS file system has no fixed size."""


def shared_claim(
    name: str,
    files: SharedFiles,
    namespace: pulumi.Input[str],
    drivers: Mapping[str, pulumi.Resource],
    parent: pulumi.Resource,
) -> core.v1.PersistentVolumeClaim:
    """Creates the PersistentVolume and the claim of the workload `name`. Deleting them deletes no
    file."""
    full_name = files.handle.apply(lambda handle: f"{name}-{handle.partition('::')[2]}")
    modes = ["ReadWriteMany"]
    volume = core.v1.PersistentVolume(
        f"{name}-{_VOLUME}",
        metadata=meta.v1.ObjectMetaArgs(name=full_name),
        spec=core.v1.PersistentVolumeSpecArgs(
            access_modes=modes,
            capacity={"storage": _SIZE},
            persistent_volume_reclaim_policy="Retain",
            claim_ref=core.v1.ObjectReferenceArgs(namespace=namespace, name=full_name),
            csi=core.v1.CSIPersistentVolumeSourceArgs(
                driver="efs.csi.aws.com", volume_handle=files.handle
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[drivers[EFS_DRIVER], *files.ready]),
    )
    return core.v1.PersistentVolumeClaim(
        f"{name}-{_VOLUME}",
        metadata=meta.v1.ObjectMetaArgs(name=full_name, namespace=namespace),
        spec=core.v1.PersistentVolumeClaimSpecArgs(
            access_modes=modes,
            # No class: the claim is never provisioned dynamically.
            storage_class_name="",
            volume_name=volume.metadata.name,
            resources=core.v1.VolumeResourceRequirementsArgs(requests={"storage": _SIZE}),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def volumes(claim_name: pulumi.Input[str] | None) -> Sequence[core.v1.VolumeArgs]:
    """Returns the volume of a claim."""
    if claim_name is None:
        return []
    source = core.v1.PersistentVolumeClaimVolumeSourceArgs(claim_name=claim_name)
    return [core.v1.VolumeArgs(name=_VOLUME, persistent_volume_claim=source)]


def mounts(volume: SharedVolume | None) -> Sequence[core.v1.VolumeMountArgs]:
    """Returns the mount of the volume."""
    if volume is None:
        return []
    return [core.v1.VolumeMountArgs(name=_VOLUME, mount_path=volume.path)]
