"""The Kubernetes objects of a plan, read back from the YAML that people get."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from tools.recording import Recording, manifests

Object = dict[str, Any]


_PARSED: dict[int, tuple[Recording, list[Object]]] = {}
"""What was read of a plan, by the plan's identity; with the plan, so that it stays the same one."""


def objects(recording: Recording) -> list[Object]:
    """Every object, in apply order."""
    if id(recording) not in _PARSED:
        read = [yaml.safe_load(text) for text in manifests(recording).values()]
        _PARSED[id(recording)] = (recording, read)
    return _PARSED[id(recording)][1]


def of_kind(recording: Recording, kind: str) -> list[Object]:
    """The objects of a kind."""
    return [each for each in objects(recording) if each["kind"] == kind]


def in_namespace(recording: Recording, kind: str, namespace: str) -> Object:
    """The only object of a kind in a namespace."""
    [found] = [e for e in of_kind(recording, kind) if e["metadata"].get("namespace") == namespace]
    return found


def scaler_of(recording: Recording, app: str) -> Object:
    """The spec of an app's autoscaler, of whichever kind, as one that Kubernetes has: its bounds,
    and its CPU target in percent under `cpu`."""
    kinds = ("HorizontalPodAutoscaler", "ScaledObject")
    [found] = [
        e for kind in kinds for e in of_kind(recording, kind) if e["metadata"]["namespace"] == app
    ]
    spec = found["spec"]
    if found["kind"] == "ScaledObject":
        least, most = spec["minReplicaCount"], spec["maxReplicaCount"]
        cpu = int(spec["triggers"][0]["metadata"]["value"])
        return {"minReplicas": least, "maxReplicas": most, "cpu": cpu}
    metric = spec["metrics"][0]
    source = metric.get("resource") or metric["containerResource"]
    return {**spec, "cpu": source["target"]["averageUtilization"]}


def pod_of(workload: Object) -> Object:
    """The pod spec of a Deployment."""
    return workload["spec"]["template"]["spec"]


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a selector of labels selects what has `labels`."""
    return selector.items() <= labels.items()


def values_of(value: object, *keys: str) -> Iterator[Any]:
    """Every value below `value` that stands under one of some keys."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in keys:
                yield item
            yield from values_of(item, *keys)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from values_of(item, *keys)
