"""Volumes of a pod: files, Secrets, scratch directories and persistent volumes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.importer import quantities
from tools.importer.fields import Fields
from tools.importer.names import entry_name
from tools.importer.objects import Objects
from tools.importer.report import SubjectReport

SCRATCH = "1Gi"
"""Size of a scratch directory without a limit."""


@dataclass
class Volumes:
    """Settings of the mounts of a container."""

    files: dict[str, str] = field(default_factory=dict[str, str])
    secret_files: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    scratch: dict[str, str] = field(default_factory=dict[str, str])
    memory_scratch: dict[str, str] = field(default_factory=dict[str, str])
    paths: dict[str, str] = field(default_factory=dict[str, str])
    """Path of each empty directory and persistent volume, by the name of its volume."""
    volume: dict[str, Any] | None = None
    """Section `volume` of a singleton. Any: a section of the stack file."""
    shared: dict[str, Any] | None = None
    """Section `sharedVolume`. Any: a section of the stack file."""

    @property
    def settings(self) -> dict[str, Any]:
        """Keys of a workload."""
        return {
            "files": self.files,
            "secretFiles": self.secret_files,
            "scratch": self.scratch,
            "memoryScratch": self.memory_scratch,
            "sharedVolume": self.shared,
        }


def volumes(
    pod: Fields, containers: Sequence[Fields], objects: Objects, report: SubjectReport
) -> Volumes:
    """Returns the settings of the mounts of a pod, which all its containers have."""
    by_name = {each.text("name") or "": each for each in pod.sections("volumes")}
    found = Volumes()
    for mount in [each for one in containers for each in one.sections("volumeMounts")]:
        name = mount.text("name") or ""
        volume = by_name.get(name, Fields({}))
        path = (mount.text("mountPath") or "").rstrip("/")
        mount.skip("readOnly")
        first = found.paths.setdefault(name, path)
        if first != path and ("emptyDir" in volume or "persistentVolumeClaim" in volume):
            report.lost(
                mount.path_of("mountPath"),
                f"a directory has the same path in all containers of a pod; use {first} there",
            )
            continue
        _mount(found, path, mount, volume, objects, report)
    return found


def _mount(
    found: Volumes,
    path: str,
    mount: Fields,
    volume: Fields,
    objects: Objects,
    report: SubjectReport,
) -> None:
    if "configMap" in volume:
        source = volume.section("configMap")
        name = source.text("name") or ""
        data = objects.config_map(name)
        if data is None:
            objects.needs_config_map(name, report)
            report.lost(mount.path, f"write the files of ConfigMap {name} in files")
            return
        found.files.update(_files(path, mount.text("subPath"), _items(source, data)))
    elif "secret" in volume:
        source = volume.section("secret")
        found.secret_files.update(_secret_files(path, mount, source, objects, report))
    elif "emptyDir" in volume:
        _scratch(found, path, volume.section("emptyDir"), report)
    elif "persistentVolumeClaim" in volume:
        _claim(found, path, volume.section("persistentVolumeClaim"), objects, report)
    else:
        report.lost(volume.path or mount.path, _other(volume))


def _items(source: Fields, data: Mapping[str, str]) -> Mapping[str, str]:
    """Returns the files of a ConfigMap volume, by name."""
    source.skip("defaultMode")
    source.skip_if("optional", "false")
    items = source.sections("items")
    if not items:
        return data
    files = {item.text("path") or "": item.text("key") or "" for item in items}
    return {path: data.get(key, "") for path, key in files.items()}


def _files(path: str, sub_path: str | None, data: Mapping[str, str]) -> Mapping[str, str]:
    if sub_path is not None:
        return {path: data.get(sub_path, "")}
    return {f"{path}/{name}": text for name, text in data.items()}


def _secret_files(
    path: str, mount: Fields, source: Fields, objects: Objects, report: SubjectReport
) -> Mapping[str, dict[str, str]]:
    source.skip("defaultMode")  # only the container can read the files
    source.skip_if("optional", "false")
    secret = source.text("secretName") or ""
    objects.needs_secret(secret, report)
    keys = {item.text("path") or "": item.text("key") or "" for item in source.sections("items")}
    sub_path = mount.text("subPath")
    if sub_path is not None:
        return {path: {"secret": secret, "key": keys.get(sub_path, sub_path)}}
    if keys:
        return {f"{path}/{name}": {"secret": secret, "key": key} for name, key in keys.items()}
    return {path: {"secret": secret}}


def _scratch(found: Volumes, path: str, source: Fields, report: SubjectReport) -> None:
    in_memory = source.text("medium") == "Memory"
    limit = source.text("sizeLimit")
    size = quantities.size(limit) if limit else None
    if size is None:
        size = "64Mi" if in_memory else SCRATCH
        key = "memoryScratch" if in_memory else "scratch"
        report.changed(source.path_of("sizeLimit"), f"{size} is assumed; write the size in {key}")
    (found.memory_scratch if in_memory else found.scratch)[path] = size


def _claim(
    found: Volumes, path: str, source: Fields, objects: Objects, report: SubjectReport
) -> None:
    name = source.text("claimName") or ""
    claim = next((c for c in objects.of_kind("PersistentVolumeClaim") if c.name == name), None)
    if claim is None:
        report.lost(source.path, f"no file has PersistentVolumeClaim {name}; import its file too")
        return
    spec = objects.use(claim).section("spec")
    modes = spec.texts("accessModes")
    size = spec.section("resources").section("requests").text("storage") or "1Gi"
    spec.skip_if("volumeMode", "Filesystem")
    spec.skip("storageClassName", "volumeName")
    if "ReadWriteMany" in modes:
        _shared(found, path, name, source, objects, report)
        return
    found.volume = {"path": path, "size": quantities.size(size) or size}
    report.changed(
        source.path,
        f"a new, empty volume takes the place of PersistentVolumeClaim {name}; copy its data",
    )


def _shared(
    found: Volumes, path: str, claim: str, source: Fields, objects: Objects, report: SubjectReport
) -> None:
    if found.shared:
        report.lost(
            source.path,
            f"a workload has one sharedVolume; PersistentVolumeClaim {claim} is missing",
        )
        return
    workload = entry_name(report.subject.partition("/")[2])
    owner = objects.owners.setdefault(claim, workload)
    found.shared = {"path": path, **({} if owner == workload else {"of": owner})}
    if owner == workload:
        report.changed(
            source.path,
            f"a new, empty EFS file system takes the place of PersistentVolumeClaim {claim}; copy "
            "its data",
        )


def _other(volume: Fields) -> str:
    kinds = [key for key in volume if key != "name"]
    volume.skip(*volume)
    if not kinds:
        return "the pod has no volume of this name"
    if "hostPath" in kinds:
        return "pods cannot mount files of a node; write scratch, files or secretFiles"
    return (
        f"no setting for a volume of {', '.join(kinds)}; write files, secretFiles, "
        "scratch or sharedVolume"
    )
