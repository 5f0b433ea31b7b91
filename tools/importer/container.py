"""The container of a workload: image, program, resources, environment and mounts."""

from typing import Any

from core.facts.accelerators import NAMES, RESOURCES
from core.image_names import version
from settings.reading.quantities import mebibytes
from tools.importer import quantities
from tools.importer.environment import environment
from tools.importer.fields import Fields
from tools.importer.objects import Objects
from tools.importer.report import SubjectReport

Settings = dict[str, Any]  # Any: a section of the stack file

CPU, MEMORY = "100m", "128Mi"
"""Requests of a container without any."""
PINNED = (
    "has no version, so that pods of one rollout could differ; write a tag other than latest, or a "
    "digest, and import again"
)
"""Reason to refuse an image without a version."""


def is_pinned(image: str) -> bool:
    """True if the name of an image has a digest, or a tag other than latest."""
    return version(image) not in ("", ":latest")


def program(container: Fields, objects: Objects, report: SubjectReport) -> Settings:
    """Returns image, command, arguments and environment of a container."""
    image = container.text("image") or ""
    if not container:
        report.refuse("containers", "the pods have no container")
    elif not is_pinned(image):
        report.refuse(container.path_of("image"), f"{image or 'the image'} {PINNED}")
    container.skip("name", "terminationMessagePath", "terminationMessagePolicy")
    container.skip_if("imagePullPolicy", "IfNotPresent")
    return {
        "image": image,
        "command": container.texts("command"),
        "args": container.texts("args"),
        **environment(container, objects, report),
    }


def requests(container: Fields, report: SubjectReport) -> Settings:
    """Returns the keys `requests` and `limits` of a container."""
    resources = container.section("resources")
    wanted, limits = resources.section("requests"), resources.section("limits")
    cpu = _cpu(wanted, limits, report)
    memory = _memory(wanted, limits, report)
    found: Settings = {"cpu": cpu, "memory": memory, **_accelerators(wanted, limits, report)}
    storage = {
        name: _storage(section, report)
        for name, section in (("requests", wanted), ("limits", limits))
    }
    if storage["requests"]:
        found["ephemeralStorage"] = storage["requests"]
    limit = storage["limits"] and {"ephemeralStorage": storage["limits"]}
    return {"requests": found, **({"limits": limit} if limit else {})}


def _cpu(wanted: Fields, limits: Fields, report: SubjectReport) -> str:
    written = wanted.text("cpu") or limits.text("cpu")
    found = quantities.cpu(written) if written else None
    if "cpu" in limits:
        report.lost(limits.path_of("cpu"))
    if found is None:
        invalid = f"{written} is no amount of CPU; " if written else ""
        report.changed(
            wanted.path_of("cpu"), f"{invalid}{CPU} is assumed; measure and write requests.cpu"
        )
    return found or CPU


def _memory(wanted: Fields, limits: Fields, report: SubjectReport) -> str:
    sizes = [
        quantities.at_least_minimum(found)
        for section in (wanted, limits)
        if (text := section.text("memory")) and (found := quantities.size(text))
    ]
    if not sizes:
        report.changed(
            wanted.path_of("memory"), f"{MEMORY} is assumed; measure and write requests.memory"
        )
        return MEMORY
    if not limits.text("memory"):
        report.changed(
            limits.path_of("memory"),
            f"the pods had no limit; requests.memory, {sizes[0]}, is now also the limit",
        )
    largest = max(sizes, key=mebibytes)
    if len(sizes) > 1 and mebibytes(sizes[0]) != mebibytes(largest):
        report.changed(
            wanted.path_of("memory"),
            f"{sizes[0]} became {largest}: request and limit have one value, so that no pod is "
            "killed for memory that another pod uses",
        )
    return largest


def _accelerators(wanted: Fields, limits: Fields, report: SubjectReport) -> Settings:
    """Returns the key `gpu` or `neuron`; request and limit of a device are always equal."""
    found: Settings = {}
    for device, resource in RESOURCES.items():
        written = [section.text(resource) for section in (limits, wanted)]
        count = next((each for each in written if each), "0")
        if count.isdecimal() and int(count):
            found[device] = int(count)
            report.changed(
                limits.path_of(resource),
                f"the pods run in a pool with {NAMES[device]}s; write one in ha-eks:pools",
            )
    return found


def _storage(section: Fields, report: SubjectReport) -> str | None:
    text = section.text("ephemeral-storage")
    found = quantities.size(text) if text else None
    if text and found is None:
        report.lost(section.path_of("ephemeral-storage"), "must be a size such as 2Gi")
    return found
