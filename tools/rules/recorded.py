"""Kubernetes objects of a recording."""

from collections.abc import Mapping
from typing import cast

from tools.manifests.documents import Document
from tools.recording import Recording, Resource
from tools.rules.model import object_of
from tools.rules.objects import Objects


def objects_of(recording: Recording) -> Objects:
    """Returns the Kubernetes objects of a recording, without fields that the program sends only
    when it creates an object."""
    found = [
        object_of(Document(file=each.name, values=_lasting(each)))
        for each in recording.resources
        if each.type.startswith("kubernetes:") and "apiVersion" in each.inputs
    ]
    zones = len(recording.settings.network.zones_in)
    return Objects([each for each in found if each], zones=zones)


def _lasting(resource: Resource) -> Mapping[str, object]:
    """Returns the inputs without those that Pulumi ignores after the creation."""
    values: Mapping[str, object] = resource.inputs
    for path in cast("list[str]", resource.options.get("ignoreChanges", [])):
        values = _without(values, path.split("."))
    return values


def _without(values: Mapping[str, object], path: list[str]) -> Mapping[str, object]:
    key, *rest = path
    if not rest or not isinstance(values.get(key), Mapping):
        return {name: value for name, value in values.items() if name != key or rest}
    return {**values, key: _without(cast("Mapping[str, object]", values[key]), rest)}
