"""Nodes and workloads of the baseline of a drill, which baseline.py creates."""

from collections.abc import Iterator, Sequence

import yaml

from core import labels
from core.availability.resources import Resources
from tools.control_plane.manifest import Manifest
from tools.drills.node_templates import NodeTemplates
from tools.recording import Recording, manifests

PREFIX = "baseline-"
"""Start of the names of namespaces, Deployments, pools and zones of the baseline."""

TAINT = {"key": "drill", "value": "baseline", "effect": "NoSchedule"}
"""Taint of the nodes of the baseline, so that no pod of the cell runs there."""


class BaselineNodes(NodeTemplates):
    """The nodes of the baseline: those of the node groups, in pools and zones of the baseline."""

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Pool and zone of each node group."""
        return [(PREFIX + pool, PREFIX + zone) for pool, zone in super().places]

    def maximum(self, pool: str) -> int:
        """Returns the maximum number of nodes of a pool in a zone."""
        return super().maximum(pool.removeprefix(PREFIX))

    def free(self, pool: str) -> Resources:
        """Returns the resources of a node of a pool that are left for pods of Deployments."""
        return super().free(pool.removeprefix(PREFIX))

    def taints(self, pool: str) -> Sequence[Manifest]:
        """Returns the taint of all nodes of the baseline."""
        return [TAINT]

    def new(self, pool: str, zone: str) -> Manifest:
        """Returns a node that does not exist yet."""
        node = super().new(pool.removeprefix(PREFIX), zone.removeprefix(PREFIX))
        name = PREFIX + node["metadata"]["name"]
        metadata = {**node["metadata"], "name": name}
        group = PREFIX + metadata["labels"][labels.NODE_GROUP]
        own = {
            labels.POOL: pool,
            labels.ZONE: zone,
            labels.HOST: name,
            labels.NODE_GROUP: group,
        }
        return {
            **node,
            "metadata": {**metadata, "labels": {**metadata["labels"], **own}},
            "spec": {**node["spec"], "providerID": f"aws:///{zone}/{name}"},
        }


def baseline_workloads(recording: Recording, nodes: NodeTemplates) -> Iterator[Manifest]:
    """Yields Namespace and Deployment of each twin, and a Service if it has a port."""
    recorded = [yaml.safe_load(text) for text in manifests(recording).values()]
    for each in recorded:
        app = each["metadata"]["name"]
        if each["kind"] != "Deployment" or each["metadata"]["namespace"] != app:
            continue
        if app not in recording.settings.replicated:
            continue
        name = PREFIX + app
        metadata = {"name": name, "namespace": name, "labels": {"app": app}}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        yield {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {
                "replicas": each["spec"]["replicas"],
                "selector": {"matchLabels": {"app": app}},
                "template": {
                    "metadata": {"labels": {"app": app}},
                    "spec": _pod_spec(each["spec"]["template"]["spec"], nodes),
                },
            },
        }
        served = recording.settings.served.get(app)
        if served:
            yield {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": metadata,
                "spec": {"selector": {"app": app}, "ports": [{"port": served.main_port}]},
            }


def _pod_spec(pod: Manifest, nodes: NodeTemplates) -> Manifest:
    """Returns the pod of a twin: containers with their image, command and requests."""
    copied = ("name", "image", "command", "args", "ports", "resources", "restartPolicy")
    pool = pod.get("nodeSelector", {}).get(labels.POOL)
    containers = {
        field: [
            {key: container[key] for key in copied if key in container} for container in pod[field]
        ]
        for field in ("initContainers", "containers")
        if field in pod
    }
    return {
        **containers,
        "nodeSelector": {labels.POOL: PREFIX + pool if pool else nodes.places[0][0]},
        "tolerations": [{"key": TAINT["key"], "operator": "Exists"}],
    }
