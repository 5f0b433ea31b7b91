"""Volumes, configs and tmpfs of a compose service."""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain

from tools.importer import quantities
from tools.importer.fields import Fields
from tools.importer.interpolation import missing
from tools.importer.names import entry_name
from tools.importer.objects import Objects
from tools.importer.read_files import Manifest
from tools.importer.report import SubjectReport
from tools.importer.volumes import SCRATCH, Volumes

_VOLUME = "10Gi"
"""Size of a volume, which a compose file does not state."""


def shared_volumes(services: Sequence[Manifest]) -> set[str]:
    """Returns the names of the volumes that several services mount."""
    names = [{source for source, _ in _volumes(each.fields) if source} for each in services]
    return {name for name, count in Counter(chain(*names)).items() if count > 1}


def mounts(
    service: Fields, shared: Collection[str], objects: Objects, report: SubjectReport
) -> Volumes:
    """Returns the settings of the mounts of a service; several services mount `shared` volumes."""
    found = Volumes()
    for source, path in _volumes(service):
        if source in shared and not _is_folder(source):
            _share(found, source, path.rstrip("/"), objects, report)
        else:
            _mount(found, source, path.rstrip("/"), report)
    for text in _tmpfs(service):
        path, _, options = text.partition(":")
        sizes = [each.removeprefix("size=") for each in options.split(",") if "size=" in each]
        size = quantities.compose_size(sizes[0]) if sizes else None
        found.scratch[path] = size or SCRATCH
        report.changed(
            "tmpfs", f"{path} is on the disk of the node; write memoryScratch for memory"
        )
    _configs(found, service, objects, report)
    return found


def _volumes(service: Fields) -> list[tuple[str, str]]:
    """Returns source and path of each volume; the source is empty if it has no name."""
    found: list[tuple[str, str]] = []
    for each in service.items("volumes"):
        if isinstance(each, str):
            source, path = each.split(":")[:2] if ":" in each else ("", each)
            found.append((source, path))
        else:
            each.skip("type", "read_only", "bind", "volume", "tmpfs", "consistency")
            found.append((each.text("source") or "", each.text("target") or ""))
    return found


def _is_folder(source: str) -> bool:
    """True if a source is a folder of the machine, or a variable of one such as PWD."""
    return source.startswith((".", "/", "~")) or bool(missing(source))


def _share(found: Volumes, source: str, path: str, objects: Objects, report: SubjectReport) -> None:
    if found.shared:
        report.lost("volumes", f"a workload has one sharedVolume; {source} at {path} is missing")
        return
    workload = entry_name(report.subject.partition("/")[2])
    owner = objects.owners.setdefault(source, workload)
    found.shared = {"path": path, **({} if owner == workload else {"of": owner})}
    if owner == workload:
        report.changed(
            "volumes",
            f"{source} became a new, empty EFS file system, because other services use it",
        )


def _mount(found: Volumes, source: str, path: str, report: SubjectReport) -> None:
    if _is_folder(source):
        report.lost(
            "volumes",
            f"{source} is on your machine; write text files for {path} in files, and copy other "
            "files into the image",
        )
    elif not source:
        found.scratch[path] = SCRATCH
        report.changed("volumes", f"{path} became scratch of {SCRATCH}, which is lost with the pod")
    elif found.volume:
        report.lost("volumes", f"a singleton has one volume; {source} at {path} is missing")
    else:
        found.volume = {"path": path, "size": _VOLUME}
        report.changed(
            "volumes",
            f"{source} became a new, empty volume of {_VOLUME} of a singleton, in one zone; a "
            "managed service survives the failure of a zone (docs/stateful.md)",
        )


def _tmpfs(service: Fields) -> list[str]:
    value = service.get("tmpfs")
    return [value] if isinstance(value, str) else service.texts("tmpfs")


def _configs(found: Volumes, service: Fields, objects: Objects, report: SubjectReport) -> None:
    for each in service.items("configs"):
        name = each if isinstance(each, str) else each.text("source") or ""
        target = None if isinstance(each, str) else each.text("target")
        content = [
            objects.use(config).text("content")
            for config in objects.of_kind("config")
            if config.name == name
        ]
        if content and content[0] is not None:
            found.files[target or f"/{name}"] = content[0]
        else:
            report.lost("configs", f"write the text of config {name} in files")
