"""The pod autoscalers that KEDA creates from ScaledObjects; KEDA itself does not run in a drill.

They have the CPU and memory triggers. The metrics of Prometheus queries and SQS queues
are missing.
https://github.com/kedacore/keda/blob/v2.20.2/controllers/keda/hpa.go
"""

from collections.abc import Iterator

from tools.control_plane.manifest import Manifest

KIND = "ScaledObject"
_RESOURCES = ("cpu", "memory")


def autoscaler_of(scaled_object: Manifest) -> Manifest:
    """Returns the HorizontalPodAutoscaler of a ScaledObject."""
    spec = scaled_object["spec"]
    name = f"keda-hpa-{scaled_object['metadata']['name']}"
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": scaled_object["metadata"]["namespace"]},
        "spec": {
            "scaleTargetRef": spec["scaleTargetRef"],
            "minReplicas": spec["minReplicaCount"],
            "maxReplicas": spec["maxReplicaCount"],
            "metrics": [*_metrics(scaled_object)],
            **spec["advanced"]["horizontalPodAutoscalerConfig"],
        },
    }


def _metrics(scaled_object: Manifest) -> Iterator[Manifest]:
    for trigger in scaled_object["spec"]["triggers"]:
        if trigger["type"] not in _RESOURCES:
            continue
        target = {"type": "Utilization", "averageUtilization": int(trigger["metadata"]["value"])}
        source = {"name": trigger["type"], "target": target}
        container = trigger["metadata"].get("containerName")
        if container:
            source = {**source, "container": container}
            yield {"type": "ContainerResource", "containerResource": source}
        else:
            yield {"type": "Resource", "resource": source}
