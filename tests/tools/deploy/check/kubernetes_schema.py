"""Validates objects of the Kubernetes API with the schema in pulumi_kubernetes."""

import re
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

_V1 = kubernetes.core.v1
KINDS: dict[str, type] = {
    "pods": _V1.PodArgsDict,
    "nodes": _V1.NodeArgsDict,
    "deployments": kubernetes.apps.v1.DeploymentArgsDict,
    "daemonsets": kubernetes.apps.v1.DaemonSetArgsDict,
    "horizontalpodautoscalers": kubernetes.autoscaling.v2.HorizontalPodAutoscalerArgsDict,
    "poddisruptionbudgets": kubernetes.policy.v1.PodDisruptionBudgetArgsDict,
}
"""Schema of each kind of the Kubernetes API."""

_NAMES = {"Output": pulumi.Output, "T": typing.TypeVar("T")}
"""Names in the definition of pulumi.Input, which its users do not import."""


def problems(schema: type, value: object, path: str = "") -> Iterator[str]:
    """Yields the fields of an object that the schema does not have."""
    if isinstance(value, list):
        for each in typing.cast("list[object]", value):
            yield from problems(schema, each, path)
        return
    if not isinstance(value, dict):
        return
    fields = _fields(schema)
    for key, item in typing.cast("dict[str, object]", value).items():
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key).lower()
        if name not in fields:
            yield f"{path}.{key}"
            continue
        below = fields[name]
        if below is not None:
            yield from problems(below, item, f"{path}.{key}")


@cache
def _fields(schema: type) -> Mapping[str, type | None]:
    """Returns the schema of each field of a schema; None for fields without fields."""
    hints = typing.get_type_hints(schema, localns=_NAMES)
    return {name: _typed_dict(hint) for name, hint in hints.items()}


def _typed_dict(hint: Any) -> type | None:  # Any: a type of any form
    """Returns the first TypedDict inside a type; None if there is none."""
    if typing.is_typeddict(hint):
        return hint
    for each in typing.get_args(hint):
        found = _typed_dict(each)
        if found is not None:
            return found
    return None
