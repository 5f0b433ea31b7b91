"""What the cluster refuses of room that the Cluster Autoscaler keeps, and when that never begins.

The autoscaler waits for the caches of CapacityBuffers without an end: its release is taken back.
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/capacitybuffer/client/client.go
"""

from tools.rehearsal.fake_cloud.cloud import Cloud, Constraint, RefusedError, Values

_DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
_BUFFER = "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_NAME = "capacitybuffers.autoscaling.x-k8s.io"
_READS = "capacity-buffer-controller-enabled"


def _known(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """Buffers, and an autoscaler that reads them, come after their definition."""
    if verb == "delete":
        return
    defined = [each for each in cloud.of_type(_DEFINITION) if each.id == _NAME]
    if type_ == _BUFFER and not defined:
        raise RefusedError("NotFound", "no matches for kind CapacityBuffer")
    reads = type_ == _RELEASE and inputs["values"].get("extraArgs", {}).get(_READS)
    if reads and not defined:
        raise RefusedError("DeadlineExceeded", "the autoscaler never reads any CapacityBuffer")


def _goes_last(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A definition that goes would take its objects along, and leave an autoscaler that waits."""
    if verb != "delete" or type_ != _DEFINITION or inputs["metadata"]["name"] != _NAME:
        return
    readers = [
        each.urn
        for each in cloud.of_type(_BUFFER, _RELEASE)
        if each.type == _BUFFER or each.inputs["values"].get("extraArgs", {}).get(_READS)
    ]
    if readers:
        raise RefusedError("DependencyViolation", f"read by {readers[0]}")


CONSTRAINTS: tuple[Constraint, ...] = (_known, _goes_last)
"""Those of CapacityBuffers."""
