"""Constraints on CapacityBuffers and the Cluster Autoscaler that reads them.

The autoscaler waits for the caches of CapacityBuffers without a timeout, so its Helm release fails
if the CustomResourceDefinition is missing:
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/capacitybuffer/client/client.go
"""

from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values

_DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
_BUFFER = "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_DEFINITION_NAME = "capacitybuffers.autoscaling.x-k8s.io"
_FLAG = "capacity-buffer-controller-enabled"


def _definition_exists(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """CapacityBuffers, and an autoscaler that reads them, need the CustomResourceDefinition."""
    if verb == "delete":
        return
    if any(each.id == _DEFINITION_NAME for each in cloud.of_type(_DEFINITION)):
        return
    if type_ == _BUFFER:
        raise RefusedError("NotFound", "no matches for kind CapacityBuffer")
    if type_ == _RELEASE and _reads_buffers(inputs):
        raise RefusedError(
            "DeadlineExceeded",
            "the autoscaler does not become ready without the definition of CapacityBuffer",
        )


def _definition_deleted_last(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Deleting the definition deletes its objects, and the autoscaler fails to read them."""
    if verb != "delete" or type_ != _DEFINITION or inputs["metadata"]["name"] != _DEFINITION_NAME:
        return
    for each in cloud.of_type(_BUFFER, _RELEASE):
        if each.type == _BUFFER or _reads_buffers(each.inputs):
            raise RefusedError(
                "DependencyViolation", f"{_DEFINITION_NAME} is in use by {each.label}"
            )


def _reads_buffers(release: Values) -> bool:
    return bool(release["values"].get("extraArgs", {}).get(_FLAG))


CONSTRAINTS: tuple[Constraint, ...] = (_definition_exists, _definition_deleted_last)
