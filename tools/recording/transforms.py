"""Stores and applies transforms of resources."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import pulumi
from pulumi.runtime.proto import callback_pb2

from tools.recording.recording import Resource


class Callbacks:
    """Stores transforms as functions. The class of the SDK serves them over a socket."""

    def __init__(self) -> None:
        self.transforms: dict[str, pulumi.ResourceTransform] = {}

    def register_transform(self, transform: pulumi.ResourceTransform) -> callback_pb2.Callback:
        """Stores a transform and returns the token of the transform."""
        token = str(len(self.transforms))
        self.transforms[token] = transform
        return callback_pb2.Callback(token=token)


def transformed(resource: Resource, transforms: Iterable[pulumi.ResourceTransform]) -> Resource:
    """Returns a resource after some transforms, in their order."""
    inputs: dict[str, Any] = dict(resource.inputs)
    applied: list[str] = []
    for transform in transforms:
        result = transform(
            pulumi.ResourceTransformArgs(
                resource.custom,
                resource.type,
                resource.name,
                dict(inputs),
                pulumi.ResourceOptions(),
            )
        )
        if isinstance(result, pulumi.ResourceTransformResult):
            inputs = dict(result.props)
            applied.append(transform.__qualname__.split(".")[0])
    if not applied:
        return resource
    return dataclasses.replace(
        resource, inputs=dict(sorted(inputs.items())), transforms=tuple(applied)
    )
