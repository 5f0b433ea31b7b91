"""Label keys of pods, nodes and namespaces that several parts of the project use."""

NAME = "app.kubernetes.io/name"
"""Label of pods: the name of the app."""

APP_PODS = {"app.kubernetes.io/part-of": "ha-eks"}
"""Labels of the pods of every app."""

POOL = "ha-eks/pool"
"""Label of nodes: the name of the pool."""

ZONE = "topology.kubernetes.io/zone"
"""Label of nodes: the zone, set by the cloud provider."""

HOST = "kubernetes.io/hostname"
"""Label of nodes: the host name, set by the kubelet."""

NODE_GROUP = "eks.amazonaws.com/nodegroup"
"""Label of nodes: the name of the node group, set by EKS."""

HEADROOM_FOR = "ha-eks/headroom-for"
"""Label of pause pods and CapacityBuffers: the app, or `system`."""

HEADROOM_IN = "ha-eks/headroom-in"
"""Label of pause pods and CapacityBuffers: the zone."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""Label of namespaces: the name of the namespace, set by the API server."""


def migration_label(name: str) -> str:
    """Returns the value of NAME of the pods that migrate the workload `name`."""
    return f"{name}-migration"
