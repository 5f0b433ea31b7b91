"""Kubernetes objects of a drill: system pods, which are not recorded, and the state of nodes and
pods.

EKS creates system pods from add-ons, Helm from charts. Here they have the requests with which
preview calculates.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from core import labels
from core.availability.pod_requests import InitContainerRequests, pod_requests
from core.availability.resources import Resources
from core.availability.zone_loss import Workload
from core.facts.accelerators import RESOURCES
from core.facts.system_pods import CONTROLLERS, daemon_sets
from settings import Settings
from settings.availability import agent_requests, zone_model_of
from settings.reading.quantities import mebibytes, millicores
from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import Manifest

SYSTEM_NAMESPACE = "kube-system"
_PAUSE = "registry.k8s.io/pause:3.10.1"

CHARTS: Mapping[str, Sequence[str]] = {
    "keda": [name for name in CONTROLLERS if name.startswith("keda-")],
    **{name: [name] for name in CONTROLLERS if not name.startswith("keda-")},
}
"""Deployments of each chart, by name of the chart."""


def cordoned(node: Manifest) -> Manifest:
    """Returns a node that receives only pods of DaemonSets.

    Each node of a drill is created like this. Pods of apps that were on the node before those of
    DaemonSets would be preempted by them.
    """
    return {**node, "spec": {**node["spec"], "unschedulable": True}}


def prepared_nodes(server: ApiServer) -> Set[str]:
    """Returns the names of the nodes that are ready and to which a pod of each DaemonSet of the
    system is assigned.
    """
    assigned = Counter(
        pod["spec"].get("nodeName")
        for pod in _of_system(server.list("v1", "Pod"))
        if pod["metadata"]["ownerReferences"][0]["kind"] == "DaemonSet"
    )
    wanted = len(_of_system(server.list("apps/v1", "DaemonSet")))
    nodes = {each["metadata"]["name"]: each for each in server.list("v1", "Node")}
    return {name for name, node in nodes.items() if is_ready(node) and assigned[name] >= wanted}


def _of_system(objects: Iterable[Manifest]) -> Sequence[Manifest]:
    """Returns the objects in the namespace of the system, without those of charts."""
    return [each for each in objects if each["metadata"].get("namespace") == SYSTEM_NAMESPACE]


def is_serving(pod: Manifest) -> bool:
    """True if a pod of a Deployment is ready and is not being deleted."""
    of_job = any(each["kind"] == "Job" for each in pod["metadata"].get("ownerReferences", []))
    return is_ready(pod) and not of_job and "deletionTimestamp" not in pod["metadata"]


def is_ready(pod_or_node: Manifest) -> bool:
    """True if the condition Ready of a pod or node is true."""
    conditions = pod_or_node["status"].get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def add_on_objects(settings: Settings) -> Iterator[Manifest]:
    """Yields the objects of EKS add-ons."""
    for name, requests in daemon_sets_of(settings).items():
        yield _workload("DaemonSet", name, requests, {}, {})
    for each in zone_model_of(settings).system:
        if each.pod.name not in CONTROLLERS:
            yield from _deployment_and_budget(each)


def stand_ins(settings: Settings, chart: str) -> Iterator[Manifest]:
    """Yields objects that stand for those of a chart, if the cell has the chart."""
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
    requests = container.get("resources", {}).get("requests", {})
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


def daemon_sets_of(settings: Settings) -> Mapping[str, Resources]:
    """Returns the requests of a pod of each DaemonSet, by name."""
    return daemon_sets(agent_requests(settings), settings.optional_add_ons)
