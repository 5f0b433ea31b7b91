"""Kubernetes objects of a recording, read from its rendered manifests."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import yaml

from settings.reading.yaml_nodes import Loader
from settings.workload.replicated import Replicated
from tools.recording import Recording, manifests

Object = dict[str, Any]

_PARSED: dict[int, tuple[Recording, list[Object]]] = {}
"""Objects of each recording, by the id of the recording. The reference to the recording prevents
that another one gets the same id."""


def objects(recording: Recording) -> list[Object]:
    """Returns every object, in apply order."""
    if id(recording) not in _PARSED:
        read = [yaml.load(text, Loader=Loader) for text in manifests(recording).values()]
        _PARSED[id(recording)] = (recording, read)
    return _PARSED[id(recording)][1]


def of_kind(recording: Recording, kind: str) -> list[Object]:
    """Returns the objects of a kind."""
    return [each for each in objects(recording) if each["kind"] == kind]


def object_in_namespace(recording: Recording, kind: str, namespace: str) -> Object:
    """Returns the only object of a kind in a namespace."""
    [found] = [e for e in of_kind(recording, kind) if e["metadata"].get("namespace") == namespace]
    return found


def autoscaler_of(recording: Recording, app: str) -> Object:
    """Returns the spec of an app's autoscaler as that of a HorizontalPodAutoscaler.

    The key `cpu` has the CPU target in percent.
    """
    kinds = ("HorizontalPodAutoscaler", "ScaledObject")
    [found] = [
        e for kind in kinds for e in of_kind(recording, kind) if e["metadata"]["namespace"] == app
    ]
    spec = found["spec"]
    if found["kind"] == "ScaledObject":
        minimum, maximum = spec["minReplicaCount"], spec["maxReplicaCount"]
        cpu = int(spec["triggers"][0]["metadata"]["value"])
        return {"minReplicas": minimum, "maxReplicas": maximum, "cpu": cpu}
    metric = spec["metrics"][0]
    source = metric.get("resource") or metric["containerResource"]
    return {**spec, "cpu": source["target"]["averageUtilization"]}


def deployments(recording: Recording) -> dict[str, Object]:
    """Returns the Deployment of each app, by name of the app."""
    found = {each["metadata"]["name"]: each for each in of_kind(recording, "Deployment")}
    return {name: found[name] for name in recording.settings.deployments}


def autoscaled(recording: Recording) -> dict[str, Replicated]:
    """Returns the workloads with an autoscaler: singletons have none."""
    return {**recording.settings.replicated}


def headroom_deployments(recording: Recording) -> list[Object]:
    return [e for e in of_kind(recording, "Deployment") if e["metadata"]["namespace"] == "headroom"]


def pod_of(workload: Object) -> Object:
    """Returns the pod spec of a Deployment, Job or CronJob."""
    return workload["spec"].get("jobTemplate", workload)["spec"]["template"]["spec"]


def containers_of(pod: Object) -> list[Object]:
    """Returns the containers of a pod spec, with init containers and sidecars."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def selects(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """True if a label selector matches the labels."""
    return selector.items() <= labels.items()


def values_of(value: object, *keys: str) -> Iterator[Any]:
    """Yields every value, at any depth, whose key is one of `keys`."""
    if isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            if key in keys:
                yield item
            yield from values_of(item, *keys)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in cast("Sequence[object]", value):
            yield from values_of(item, *keys)
