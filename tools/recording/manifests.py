"""Kubernetes manifests of a recording, in the form that `kubectl apply -f` accepts."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import yaml

try:  # libyaml writes the same text in a quarter of the time
    from yaml import CSafeDumper as Dumper
except ImportError:
    from yaml import SafeDumper as Dumper

from tools.recording.recording import Recording, Resource


def manifests(recording: Recording) -> Mapping[str, str]:
    """Returns the YAML of each Kubernetes object, by file name in apply order."""
    return {file: manifest(resource.inputs) for file, resource in objects(recording)}


def objects(recording: Recording) -> Iterator[tuple[str, Resource]]:
    """Yields the Kubernetes objects in apply order, each with the name of its file in
    `manifests`."""
    number = 0
    for resource in recording.resources:
        inputs = resource.inputs
        if resource.type.startswith("kubernetes:") and "apiVersion" in inputs:
            metadata = cast("Mapping[str, object]", inputs.get("metadata", {}))
            name = metadata.get("name", resource.name)
            yield f"{number:03}-{str(inputs['kind']).lower()}-{name}.yaml", resource
            number += 1


def manifest(inputs: Mapping[str, Any]) -> str:  # Any: JSON of any shape
    """Returns the YAML of the inputs of a Kubernetes object."""
    head = {key: inputs[key] for key in ("apiVersion", "kind")}
    return yaml.dump({**head, **inputs}, Dumper=Dumper, sort_keys=False, allow_unicode=True)
