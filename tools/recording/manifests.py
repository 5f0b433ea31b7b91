"""Kubernetes manifests of a recording, in the form that `kubectl apply -f` accepts."""

from collections.abc import Mapping
from typing import cast

import yaml

try:  # libyaml writes the same text in a quarter of the time
    from yaml import CSafeDumper as Dumper
except ImportError:
    from yaml import SafeDumper as Dumper

from tools.recording.recording import Recording


def manifests(recording: Recording) -> Mapping[str, str]:
    """Returns the YAML of each Kubernetes object, by file name in apply order."""
    files: dict[str, str] = {}
    for resource in recording.resources:
        inputs = resource.inputs
        if not (resource.type.startswith("kubernetes:") and "apiVersion" in inputs):
            continue
        metadata = cast("Mapping[str, object]", inputs.get("metadata", {}))
        name = metadata.get("name", resource.name)
        file = f"{len(files):03}-{str(inputs['kind']).lower()}-{name}.yaml"
        head = {key: inputs[key] for key in ("apiVersion", "kind")}
        files[file] = yaml.dump(
            {**head, **inputs}, Dumper=Dumper, sort_keys=False, allow_unicode=True
        )
    return files
