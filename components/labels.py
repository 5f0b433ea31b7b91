"""Keys of labels that parts of the cell know one another by."""

NAME = "app.kubernetes.io/name"
"""Of pods: the app's name."""

APP_PODS = {"app.kubernetes.io/part-of": "ha-eks"}
"""Of the pods of every app."""

POOL = "ha-eks/pool"
"""Of nodes: the pool's name."""

ZONE = "topology.kubernetes.io/zone"
"""Of nodes, by the cloud provider."""

HOST = "kubernetes.io/hostname"
"""Of nodes, by the kubelet."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""Of namespaces, by the API server: the namespace's name."""
