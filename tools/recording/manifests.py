"""Kubernetes manifests of a recording, in the form that `kubectl apply -f` accepts."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import yaml

try:  # libyaml writes the same text in a quarter of the time
    from yaml import CSafeDumper as Dumper
except ImportError:
    from yaml import SafeDumper as Dumper

from tools.recording.recording import Recording, Resource
from tools.recording.wire import with_hidden

HIDDEN = "(secret, not shown)"
"""Text in place of a secret."""


def manifests(recording: Recording) -> Mapping[str, str]:
    """Returns the YAML of each Kubernetes object, by file name in apply order."""
    return {file: _yaml(resource.inputs) for file, resource in objects(recording)}


def without_secrets(recording: Recording, texts: Mapping[str, str]) -> Mapping[str, str]:
    """Returns `manifests` of a recording, whose secrets are replaced by a text.

    Secrets are the contents of Secrets, and the inputs that the program marks as secret.
    """
    shown = dict(texts)
    for file, resource in objects(recording):
        if resource.secrets or resource.inputs["kind"] == "Secret":
            shown[file] = _yaml(_public(resource))
    return shown


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


def _yaml(inputs: Mapping[str, Any]) -> str:  # Any: JSON of any shape
    head = {key: inputs[key] for key in ("apiVersion", "kind")}
    return yaml.dump({**head, **inputs}, Dumper=Dumper, sort_keys=False, allow_unicode=True)


def _public(resource: Resource) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns the inputs of a resource without its secrets."""
    inputs = with_hidden(resource.inputs, resource.secrets, HIDDEN)
    if inputs["kind"] != "Secret":
        return inputs
    contents = {
        key: dict.fromkeys(cast("dict[str, str]", inputs[key]), HIDDEN)
        for key in ("data", "stringData")
        if isinstance(inputs.get(key), dict)
    }
    return {**inputs, **contents}
