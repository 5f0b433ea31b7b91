"""Scratch directories of a pod, on the disk of the node or in memory."""

from collections.abc import Iterator

from pulumi_kubernetes import core

from settings.workload.workload import Workload


def volumes(app: Workload) -> Iterator[core.v1.VolumeArgs]:
    """Yields a volume for each directory."""
    for number, size in enumerate(app.scratch.values()):
        source = core.v1.EmptyDirVolumeSourceArgs(size_limit=size)
        yield core.v1.VolumeArgs(name=f"scratch-{number}", empty_dir=source)
    for number, size in enumerate(app.memory_scratch.values()):
        source = core.v1.EmptyDirVolumeSourceArgs(size_limit=size, medium="Memory")
        yield core.v1.VolumeArgs(name=f"memory-{number}", empty_dir=source)


def mounts(app: Workload) -> Iterator[core.v1.VolumeMountArgs]:
    """Yields a mount for each directory."""
    for number, path in enumerate(app.scratch):
        yield core.v1.VolumeMountArgs(name=f"scratch-{number}", mount_path=path)
    for number, path in enumerate(app.memory_scratch):
        yield core.v1.VolumeMountArgs(name=f"memory-{number}", mount_path=path)
