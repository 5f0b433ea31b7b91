"""Deployments whose pods are not ready, as the Kubernetes provider reports them.

The provider creates or updates the Deployment, waits until its timeout, and then fails with an
initialization error. The engine stores the resource with that error, and updates it again in the
next `up`, even if no input has changed. A refresh of such a Deployment stores the error too:
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/deployment.go
"""

import time
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from tools.recording.wire import struct_of
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.references import Values

_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_SKIP = "pulumi.com/skipAwait"

_IDLE_SECONDS = 3.0
"""Seconds without a request after which the engine waits for nothing but the Deployment."""


class Readiness:
    """Waits for the pods of Deployments.

    A real timeout is up to an hour. Here a wait ends when the engine makes no more requests:
    everything that does not depend on the Deployment is done by then.
    """

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud
        self._last_request = time.monotonic()

    def note_request(self) -> None:
        """Records that the engine has made a request."""
        self._last_request = time.monotonic()

    def wait(self, resource: CloudResource, context: Any) -> None:
        """Waits for the pods of a Deployment; ends the call if they do not become ready."""
        self.note_request()
        while not self._ready(resource) and time.monotonic() - self._last_request < _IDLE_SECONDS:
            time.sleep(_IDLE_SECONDS / 20)
        self.check(resource, context)

    def check(self, resource: CloudResource, context: Any) -> None:
        """Ends the call with an initialization error if the pods of a Deployment are not ready."""
        if self._ready(resource):
            return
        reason = f"Timeout: the pods of {resource.name} are not ready"
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
        status.details.add().Pack(
            provider_pb2.ErrorResourceInitFailed(
                id=resource.id,
                properties=struct_of(resource.outputs),
                inputs=struct_of(resource.inputs),
                reasons=[reason],
            )
        )
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, reason)

    def _ready(self, resource: CloudResource) -> bool:
        if resource.type != _DEPLOYMENT:
            return True
        annotations: Values = resource.inputs["metadata"].get("annotations") or {}
        return annotations.get(_SKIP) == "true" or self._cloud.pods_ready(resource.inputs)
