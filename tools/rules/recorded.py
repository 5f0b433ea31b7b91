"""Kubernetes objects of a recording."""

from collections.abc import Mapping
from typing import cast

from tools.manifests.documents import Document
from tools.recording import Recording, Resource
from tools.rules.model import object_of
from tools.rules.objects import Objects


def objects_of(recording: Recording) -> Objects:
    """Returns the Kubernetes objects of a recording, without the replicas that the program sends
    only when it creates a Deployment."""
    found = [
        object_of(Document(file=each.name, line=1, values=_lasting(each)))
        for each in recording.resources
        if each.type.startswith("kubernetes:") and "apiVersion" in each.inputs
    ]
    zones = len(recording.settings.network.zones_in)
    return Objects([each for each in found if each], zones=zones)


def _lasting(resource: Resource) -> Mapping[str, object]:
    """Returns the inputs as a manifest has them, without `spec.replicas` if Pulumi ignores it."""
    metadata = cast("Mapping[str, object]", resource.inputs.get("metadata", {}))
    values = {**resource.inputs, "metadata": {"name": resource.name, **metadata}}
    if "spec.replicas" in cast("list[str]", resource.options.get("ignoreChanges", [])):
        spec = cast("Mapping[str, object]", resource.inputs["spec"])
        values["spec"] = {key: value for key, value in spec.items() if key != "replicas"}
    return values
