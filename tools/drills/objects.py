"""Kubernetes objects of a cell that are not recorded: nodes and system pods.

EKS creates them from node groups and add-ons, Helm from charts. Here the nodes have the allocatable
resources, and the system pods the requests, with which preview calculates.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from core import labels
from core.availability.pod_requests import InitContainerRequests, pod_requests
from core.availability.resources import Resources
from core.availability.zone_loss import Workload, nodes_at_rest
from core.facts.accelerators import RESOURCES
from core.facts.system_pods import CONTROLLERS, daemon_sets
from core.tags import POOL, SPANNING, ZONE
from settings import Settings
from settings.availability import agent_requests, zone_model_of
from settings.reading.quantities import mebibytes, millicores
from tools.control_plane.api_server import ApiServer, Manifest
from tools.control_plane.metrics_server import RESOURCE_METRICS_PATH
from tools.recording import Recording, Resource

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
SYSTEM_NAMESPACE = "kube-system"
_PAUSE = "registry.k8s.io/pause:3.10.1"
_EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
"""Effects of taints in Kubernetes, by their names in EKS."""

CHARTS: Mapping[str, Sequence[str]] = {
    "keda": [name for name in CONTROLLERS if name.startswith("keda-")],
    **{name: [name] for name in CONTROLLERS if not name.startswith("keda-")},
}
"""Deployments of each chart, by name of the chart."""


class NodeTemplates:
    """The nodes that a cell can have: those of its recorded node groups."""

    def __init__(self, recording: Recording) -> None:
        self._settings = recording.settings
        self._model = zone_model_of(recording.settings)
        self._groups: dict[tuple[str, str], Resource] = {}
        zones = recording.settings.network.zones_in
        for group in recording.of_type(_NODE_GROUP):
            tags = cast("Mapping[str, Mapping[str, str]]", group.inputs)["tags"]
            for zone in zones if tags[ZONE] == SPANNING else [tags[ZONE]]:
                if zone in zones:
                    self._groups[tags[POOL], zone] = group
        self.group_names = {place: group.name for place, group in self._groups.items()}
        """Name of the node group to which a new node belongs, by pool and zone."""
        self._numbers = {place: itertools.count() for place in self._groups}
        self.out_of_stock: set[str] = set()
        """Zones in which AWS has no capacity for further nodes at the moment."""

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Pool and zone of each node group; one entry per zone of a spanning node group."""
        return [*self._groups]

    def group(self, pool: str, zone: str) -> str:
        """Returns the logical name of the node group of a pool and zone."""
        return self._groups[pool, zone].name

    def maximum(self, pool: str) -> int:
        """Returns the maximum number of nodes of a pool in a zone."""
        return self._model.pools[pool].max

    def free(self, pool: str) -> Resources:
        """Returns the resources of a node of a pool that are left for pods of Deployments."""
        return self._model.pools[pool].free

    def taints(self, pool: str) -> Sequence[Manifest]:
        """Returns the taints of the nodes of a pool."""
        group = next(group for (name, _), group in self._groups.items() if name == pool)
        return [
            {**taint, "effect": _EFFECTS[taint["effect"]]}
            for taint in group.inputs.get("taints", [])
        ]

    def at_rest(self) -> Iterator[Manifest]:
        """Yields the nodes of a cell at rest."""
        counts = nodes_at_rest(self._model)
        for pool, zone in self.places:
            for _ in range(counts[pool]):
                yield self.new(pool, zone)

    def new(self, pool: str, zone: str) -> Manifest:
        """Returns a node that does not exist yet, with labels and taints of its node group."""
        group = self._groups[pool, zone]
        name = f"{pool}-{zone}-{next(self._numbers[pool, zone])}"
        free, device = self.free(pool), self._settings.pools[pool].device
        resources = {
            **_quantities(free, _daemon_sets(self._settings)),
            **({RESOURCES[device]: f"{free.accelerators}"} if device else {}),
        }
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": name,
                "labels": {
                    **group.inputs.get("labels", {}),
                    labels.NODE_GROUP: self.group_names[pool, zone],
                    labels.ZONE: zone,
                    labels.HOST: name,
                },
                "annotations": {RESOURCE_METRICS_PATH: f"/metrics/nodes/{name}/metrics/resource"},
            },
            "spec": {
                "providerID": f"aws:///{zone}/{name}",
                "taints": self.taints(pool),
            },
            "status": {"allocatable": resources, "capacity": resources},
        }


def cordoned(node: Manifest) -> Manifest:
    """Returns a node that receives only pods of DaemonSets.

    Each node of a drill is created like this. Pods of apps that were on the node before those of
    DaemonSets would be preempted by them.
    """
    return {**node, "spec": {**node["spec"], "unschedulable": True}}


def is_prepared(server: ApiServer, node: Manifest) -> bool:
    """True if a node is ready, and a pod of each DaemonSet is assigned to it."""
    name = node["metadata"]["name"]
    assigned = sum(
        pod["spec"].get("nodeName") == name
        and pod["metadata"]["ownerReferences"][0]["kind"] == "DaemonSet"
        for pod in server.list("v1", "Pod")
    )
    return is_ready(node) and assigned >= len(server.list("apps/v1", "DaemonSet"))


def is_serving(pod: Manifest) -> bool:
    """True if a pod of a Deployment is ready and is not being deleted."""
    of_job = any(each["kind"] == "Job" for each in pod["metadata"].get("ownerReferences", []))
    return is_ready(pod) and not of_job and "deletionTimestamp" not in pod["metadata"]


def is_ready(pod_or_node: Manifest) -> bool:
    """True if the condition Ready of a pod or node is true."""
    conditions = pod_or_node["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def system_objects(settings: Settings) -> Iterator[Manifest]:
    """Yields DaemonSets, Deployments and disruption budgets of the system."""
    yield from add_on_objects(settings)
    for chart in CHARTS:
        yield from chart_objects(settings, chart)


def add_on_objects(settings: Settings) -> Iterator[Manifest]:
    """Yields the objects of EKS add-ons."""
    for name, requests in _daemon_sets(settings).items():
        yield _workload("DaemonSet", name, requests, {}, {})
    for each in zone_model_of(settings).system:
        if each.pod.name not in CONTROLLERS:
            yield from _deployment_and_budget(each)


def chart_objects(settings: Settings, chart: str) -> Iterator[Manifest]:
    """Yields the objects of a chart, if the cell has the chart."""
    for each in zone_model_of(settings).system:
        if each.pod.name in CHARTS.get(chart, ()):
            yield from _deployment_and_budget(each)


def _deployment_and_budget(workload: Workload) -> Iterator[Manifest]:
    yield _deployment(workload)
    if workload.pods > 1:
        name = workload.pod.name
        yield {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": name, "namespace": SYSTEM_NAMESPACE},
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"name": name}}},
        }


def requests_of(pod: Manifest) -> Resources:
    """Returns the requests of a pod, with init containers and sidecars."""
    spec = pod["spec"]
    init_containers = [
        InitContainerRequests(
            requests=_requests_of(each), sidecar=each.get("restartPolicy") == "Always"
        )
        for each in spec.get("initContainers", [])
    ]
    return pod_requests(map(_requests_of, spec["containers"]), init_containers)


def _requests_of(container: Manifest) -> Resources:
    requests = container["resources"].get("requests", {})
    return Resources(
        cpu=millicores(requests.get("cpu", "0")),
        memory=_mebibytes(requests.get("memory", "0")),
        storage=_mebibytes(requests.get("ephemeral-storage", "0")),
        accelerators=accelerators_of(requests),
    )


def accelerators_of(quantities: Manifest) -> int:
    """Returns the number of GPUs or Neuron devices among resources."""
    return sum(int(quantities.get(resource, 0)) for resource in RESOURCES.values())


def _mebibytes(size: str) -> int:
    """Returns a size in MiB. The API server writes 0Mi as 0."""
    return 0 if size == "0" else mebibytes(size)


def _deployment(workload: Workload) -> Manifest:
    """Returns a Deployment of the system, whose pods are spread over zones and nodes."""
    name = workload.pod.name
    spread = [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"name": name}},
        }
        for key in (labels.ZONE, labels.HOST)
    ]
    return _workload(
        "Deployment",
        name,
        workload.pod.requests,
        {"replicas": workload.pods},
        {"topologySpreadConstraints": spread},
    )


def _workload(
    kind: str, name: str, requests: Resources, spec: Manifest, pod_spec: Manifest
) -> Manifest:
    container = {
        "name": name,
        "image": _PAUSE,
        "resources": {"requests": {"cpu": f"{requests.cpu}m", "memory": f"{requests.memory}Mi"}},
    }
    daemon = kind == "DaemonSet"
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": SYSTEM_NAMESPACE},
        "spec": {
            **spec,
            "selector": {"matchLabels": {"name": name}},
            "template": {
                "metadata": {"labels": {"name": name}},
                "spec": {
                    "containers": [container],
                    "tolerations": [{"operator": "Exists"}] if daemon else [],
                    "priorityClassName": f"system-{'node' if daemon else 'cluster'}-critical",
                    **pod_spec,
                },
            },
        },
    }


def _daemon_sets(settings: Settings) -> Mapping[str, Resources]:
    """Returns the requests of a pod of each DaemonSet, by name."""
    return daemon_sets(agent_requests(settings), settings.optional_add_ons)


def _quantities(free: Resources, daemon_sets: Mapping[str, Resources]) -> Manifest:
    """Returns the allocatable resources of a node, including those of DaemonSets."""
    daemons = daemon_sets.values()
    return {
        "cpu": f"{free.cpu + sum(each.cpu for each in daemons)}m",
        "memory": f"{free.memory + sum(each.memory for each in daemons)}Mi",
        "ephemeral-storage": f"{free.storage + sum(each.storage for each in daemons)}Mi",
        "pods": str(free.pods + len(daemons)),
    }
