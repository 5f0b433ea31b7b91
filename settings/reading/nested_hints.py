"""Names of Kubernetes in the nested sections of workloads, with the keys that replace them here."""

from collections.abc import Mapping

from settings.reading.container_hints import MEMORY_LIMIT
from settings.reading.hint import Hint, use


def probe(kind: str) -> Mapping[str, Hint]:
    """Returns the hints for a probe of a kind of workload."""
    return {
        "httpGet": use("path"),
        "tcpSocket": use("port", note="the default probe opens a TCP connection"),
        "exec": use("command"),
        "failureThreshold": use("failures"),
        "interval": use("periodSeconds"),
        "timeout": use("timeoutSeconds"),
        "initialDelaySeconds": use(f"ha-eks:{kind}.NAME.probes.startupSeconds"),
    }


REQUESTS: Mapping[str, Hint] = {
    "limits": use("memory", note=MEMORY_LIMIT),
    "requests": use("cpu", "memory"),
    "ephemeral-storage": use("ephemeralStorage"),
    "storage": use("ephemeralStorage"),
    "nvidia.com/gpu": use("gpu"),
    "aws.amazon.com/neuron": use("neuron"),
}


def limits(kind: str) -> Mapping[str, Hint]:
    """Returns the hints for the limits of a kind of workload."""
    return {
        "cpu": use(f"ha-eks:{kind}.NAME.requests.cpu", note=MEMORY_LIMIT),
        "memory": use(f"ha-eks:{kind}.NAME.requests.memory", note=MEMORY_LIMIT),
        "ephemeral-storage": use("ephemeralStorage"),
        "storage": use("ephemeralStorage"),
        "nvidia.com/gpu": use(f"ha-eks:{kind}.NAME.requests.gpu"),
        "aws.amazon.com/neuron": use(f"ha-eks:{kind}.NAME.requests.neuron"),
    }


REPLICAS: Mapping[str, Hint] = {
    "minReplicas": use("min"),
    "maxReplicas": use("max"),
    "count": use("needed"),
    "desired": use("needed"),
    "minAvailable": use("maxUnavailable"),
}


def scaling(kind: str) -> Mapping[str, Hint]:
    """Returns the hints for the scaling of a kind of workload."""
    return {
        "targetCPUUtilizationPercentage": use("cpuPercent"),
        "targetMemoryUtilizationPercentage": use("memoryPercent"),
        "cpu": use("cpuPercent"),
        "memory": use("memoryPercent"),
        "scaleUp": use("up"),
        "scaleDown": use("down"),
        "min": use(f"ha-eks:{kind}.NAME.replicas.min"),
        "max": use(f"ha-eks:{kind}.NAME.replicas.max"),
        "minReplicas": use(f"ha-eks:{kind}.NAME.replicas.min"),
        "maxReplicas": use(f"ha-eks:{kind}.NAME.replicas.max"),
    }
