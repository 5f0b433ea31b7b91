"""CustomResourceDefinition of CapacityBuffers, which the Cluster Autoscaler's chart does not have.

Fields and validation are those of upstream, in the version that the Cluster Autoscaler of 1.35 and
1.36 reads:
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/apis/config/crd/autoscaling.x-k8s.io_capacitybuffers.yaml
"""

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_kubernetes import apiextensions, meta

GROUP = "autoscaling.x-k8s.io"
VERSION = "v1beta1"
KIND = "CapacityBuffer"

_PLURAL = "capacitybuffers"

_Schema = dict[str, Any]  # Any: a schema is JSON of any shape


def capacity_buffer_crd(
    name: str, opts: pulumi.ResourceOptions
) -> apiextensions.v1.CustomResourceDefinition:
    """Creates the definition, without which the Cluster Autoscaler waits forever for it."""
    return apiextensions.v1.CustomResourceDefinition(
        name,
        metadata=meta.v1.ObjectMetaArgs(name=f"{_PLURAL}.{GROUP}"),
        spec=apiextensions.v1.CustomResourceDefinitionSpecArgs(
            group=GROUP,
            scope="Namespaced",
            names=apiextensions.v1.CustomResourceDefinitionNamesArgs(
                kind=KIND,
                list_kind=f"{KIND}List",
                plural=_PLURAL,
                singular="capacitybuffer",
                short_names=["cb"],
            ),
            versions=[
                apiextensions.v1.CustomResourceDefinitionVersionArgs(
                    name=VERSION,
                    served=True,
                    storage=True,
                    schema=apiextensions.v1.CustomResourceValidationArgs(open_apiv3_schema=_BUFFER),
                    subresources=apiextensions.v1.CustomResourceSubresourcesArgs(status={}),
                    additional_printer_columns=[
                        apiextensions.v1.CustomResourceColumnDefinitionArgs(
                            name=column, type=type_, json_path=path
                        )
                        for column, type_, path in _COLUMNS
                    ],
                )
            ],
        ),
        opts=opts,
    )


_COLUMNS = (
    ("Strategy", "string", ".spec.provisioningStrategy"),
    ("PodTemplate", "string", ".status.podTemplateRef.name"),
    ("Replicas", "integer", ".status.replicas"),
    ("ConditionsType", "string", ".status.conditions[*].type"),
    ("ConditionsStatus", "string", ".status.conditions[*].status"),
    ("ConditionsReason", "string", ".status.conditions[*].reason"),
    ("Age", "date", ".metadata.creationTimestamp"),
)


def _text(description: str, **more: object) -> _Schema:
    return {"type": "string", "description": description, **more}


def _number(description: str, **more: object) -> _Schema:
    return {"type": "integer", "format": "int32", "description": description, **more}


def _object(description: str, properties: _Schema, required: Sequence[str] = ()) -> _Schema:
    constraint = {"required": [*required]} if required else {}
    return {"type": "object", "description": description, "properties": properties, **constraint}


def _template(description: str) -> _Schema:
    name = _text("Name of the PodTemplate.", minLength=1)
    return _object(description, {"name": name}, ["name"])


_DECIMAL = r"(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"

_QUANTITY: _Schema = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "pattern": rf"^(\+|-)?{_DECIMAL}(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?{_DECIMAL}))?$",
    "x-kubernetes-int-or-string": True,
}

_SPEC = _object(
    "Desired capacity.",
    {
        "provisioningStrategy": _text(
            "Strategy by which the capacity is provided; default: running nodes.",
            default="buffer.x-k8s.io/active-capacity",
        ),
        "podTemplateRef": _template("PodTemplate in the same namespace, which describes one pod."),
        "scalableRef": _object(
            "Scalable object whose pods the capacity is for; excludes podTemplateRef.",
            {
                "apiGroup": _text("API group; empty for the core group."),
                "kind": _text("Kind of the object.", minLength=1),
                "name": _text("Name of the object.", minLength=1),
            },
            ["kind", "name"],
        ),
        "replicas": _number("Number of pods.", minimum=0),
        "percentage": _number(
            "Number of pods in percent of the replicas of scalableRef.", minimum=0
        ),
        "limits": {
            "type": "object",
            "description": "Maximum total resources.",
            "additionalProperties": _QUANTITY,
        },
    },
) | {
    "x-kubernetes-validations": [
        {
            "rule": "!has(self.podTemplateRef) || has(self.replicas) || has(self.limits)",
            "message": "podTemplateRef requires replicas, limits or both",
        },
        {
            "rule": "!(has(self.podTemplateRef) && has(self.scalableRef))",
            "message": "set podTemplateRef or scalableRef, not both",
        },
    ]
}

_CONDITION = _object(
    "Condition, as in the Kubernetes API.",
    {
        "type": _text(
            "Type of the condition.",
            maxLength=316,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
        ),
        "status": _text("Status of the condition.", enum=["True", "False", "Unknown"]),
        "observedGeneration": {
            "type": "integer", "format": "int64", "minimum": 0,
            "description": "Generation of the spec.",
        },
        "lastTransitionTime": _text("Time of the last change of the status.", format="date-time"),
        "reason": _text(
            "Reason, as one word for programs.",
            minLength=1,
            maxLength=1024,
            pattern="^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
        ),
        "message": _text("Message for people.", maxLength=32768),
    },
    ["lastTransitionTime", "message", "reason", "status", "type"],
)  # fmt: skip

_STATUS = _object(
    "State as seen by the Cluster Autoscaler.",
    {
        "conditions": {
            "type": "array",
            "description": "Conditions.",
            "items": _CONDITION,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
        "podTemplateRef": _template("PodTemplate in use."),
        "podTemplateGeneration": {
            "type": "integer", "format": "int64",
            "description": "Generation of the PodTemplate in use.",
        },
        "provisioningStrategy": _text("Strategy in use."),
        "replicas": _number("Current number of pods."),
    },
)  # fmt: skip

_BUFFER: Any = _object(
    "Capacity for pods that the Cluster Autoscaler keeps free.",
    {
        "apiVersion": _text("Version of this schema."),
        "kind": _text("Kind of the object."),
        "metadata": {"type": "object"},
        "spec": _SPEC,
        "status": _STATUS,
    },
    ["spec"],
)
