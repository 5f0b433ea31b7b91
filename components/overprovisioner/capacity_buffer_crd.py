"""What the API server is told of CapacityBuffers: the chart of the Cluster Autoscaler does not.

Fields and what they are checked for are upstream's, at its version that the autoscaler of 1.35 and
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


def definition(
    name: str, opts: pulumi.ResourceOptions
) -> apiextensions.v1.CustomResourceDefinition:
    """Without it, an autoscaler that is to read CapacityBuffers never begins to work."""
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
    needed = {"required": [*required]} if required else {}
    return {"type": "object", "description": description, "properties": properties, **needed}


def _template(description: str) -> _Schema:
    name = _text("Its name.", minLength=1)
    return _object(description, {"name": name}, ["name"])


_DECIMAL = r"(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"

_QUANTITY: _Schema = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "pattern": rf"^(\+|-)?{_DECIMAL}(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?{_DECIMAL}))?$",
    "x-kubernetes-int-or-string": True,
}

_SPEC = _object(
    "What room is wanted.",
    {
        "provisioningStrategy": _text(
            "How it is kept: by nodes that are there, unless said otherwise.",
            default="buffer.x-k8s.io/active-capacity",
        ),
        "podTemplateRef": _template("The PodTemplate, in the same namespace, of one pod of it."),
        "scalableRef": _object(
            "Something with a scale, whose pods it is for; instead of a PodTemplate.",
            {
                "apiGroup": _text("Its API group; empty for the core."),
                "kind": _text("Its kind.", minLength=1),
                "name": _text("Its name.", minLength=1),
            },
            ["kind", "name"],
        ),
        "replicas": _number("Pods that it is for.", minimum=0),
        "percentage": _number("Pods that it is for, in percent of scalableRef's.", minimum=0),
        "limits": {
            "type": "object",
            "description": "Resources that it comes to at most.",
            "additionalProperties": _QUANTITY,
        },
    },
) | {
    "x-kubernetes-validations": [
        {
            "rule": "!has(self.podTemplateRef) || has(self.replicas) || has(self.limits)",
            "message": "podTemplateRef goes with replicas, limits or both",
        },
        {
            "rule": "!(has(self.podTemplateRef) && has(self.scalableRef))",
            "message": "podTemplateRef or scalableRef, not both",
        },
    ]
}

_CONDITION = _object(
    "A condition, as the Kubernetes API has them.",
    {
        "type": _text(
            "Which.",
            maxLength=316,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
        ),
        "status": _text("Whether it holds.", enum=["True", "False", "Unknown"]),
        "observedGeneration": {
            "type": "integer", "format": "int64", "minimum": 0, "description": "Of which spec.",
        },
        "lastTransitionTime": _text("Since when.", format="date-time"),
        "reason": _text(
            "Why, for programs.",
            minLength=1,
            maxLength=1024,
            pattern="^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
        ),
        "message": _text("Why, for people.", maxLength=32768),
    },
    ["lastTransitionTime", "message", "reason", "status", "type"],
)  # fmt: skip

_STATUS = _object(
    "What the autoscaler makes of it.",
    {
        "conditions": {
            "type": "array",
            "description": "How it stands.",
            "items": _CONDITION,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
        "podTemplateRef": _template("The PodTemplate that it goes by."),
        "podTemplateGeneration": {
            "type": "integer", "format": "int64", "description": "Generation of that.",
        },
        "provisioningStrategy": _text("The strategy that it goes by."),
        "replicas": _number("Pods that it is for now."),
    },
)  # fmt: skip

_BUFFER: Any = _object(
    "Room for pods, which the Cluster Autoscaler keeps free.",
    {
        "apiVersion": _text("Version of this schema."),
        "kind": _text("Kind of the object."),
        "metadata": {"type": "object"},
        "spec": _SPEC,
        "status": _STATUS,
    },
    ["spec"],
)
