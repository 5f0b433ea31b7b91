"""The baseline of a drill: the same apps with the defaults of the documentation.

Each app of the cell has a twin: a plain Deployment and Service with the same image, requests and
number of replicas, in a namespace of its name and on nodes of the same kind. The nodes have their
own zones, which fail together with the zones of the cell, so that neither affects the other.

Defaults spread pods evenly if all nodes have free capacity when the pods are created. The baseline
is built in two situations in which defaults fail:

- The pods wait while the first nodes join one after another, as when an application is deployed
  with a new cluster or after all nodes have been replaced. Small pods fill the first node.
- The Cluster Autoscaler adds the other nodes in one zone, because `--balance-similar-node-groups`
  is off by default.
  https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md
"""

import itertools
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager

from core import labels
from tools.control_plane.api_client import ApiServer
from tools.control_plane.informer import Informer
from tools.control_plane.manifest import ApiError, Manifest, raise_refusal
from tools.drills.baseline_objects import PREFIX, TAINT, BaselineNodes, baseline_workloads
from tools.drills.node_model import SCAN_SECONDS, NodeModel
from tools.drills.objects import cordoned, is_ready, prepared_nodes
from tools.drills.repeat import repeated
from tools.recording import Recording

_TIMEOUT = 120.0
"""Seconds within which a node becomes ready, and the scheduler tries all pods."""


class Baseline:
    """The twins of the apps, and their nodes."""

    def __init__(self, server: ApiServer, pods: Informer, recording: Recording) -> None:
        self._server = server
        self._pods_of_model = pods
        self._nodes = BaselineNodes(recording)
        self._workloads = [*baseline_workloads(recording, self._nodes)]
        self._model: NodeModel | None = None
        self._changes = threading.Lock()
        self._first_nodes: set[str] = set()

    @contextmanager
    def running(self) -> Generator[None]:
        """Creates the pods, and adds nodes for pending ones until the block ends."""
        with self._changes:
            self._fill()
            self._first_nodes = {each["metadata"]["name"] for each in self._all_nodes()}
        with repeated(self._scan, SCAN_SECONDS):
            yield

    def create_nodes(self, count: int) -> None:
        """Creates the first nodes, which are cordoned until they join."""
        for pool, zone in itertools.islice(self._order(), count):
            self._create_node(pool, zone)

    def reset(self) -> None:
        """Returns to the first state: the pods wait, and the nodes join again."""
        with self._changes:
            for node in self._all_nodes():
                if node["metadata"]["name"] in self._first_nodes:
                    self._server.patch(node, {"spec": {"unschedulable": True}})
                else:
                    self._server.delete_now(node)
            for kind in ("Deployment", "ReplicaSet"):
                for each in self._all("apps/v1", kind):
                    self._server.delete_now(each)
            self._wait("pods of the baseline not deleted", self._delete_pods)
            self._fill()

    def _scan(self) -> None:
        with self._changes:
            if self._model:
                self._model.scan()

    def _fill(self) -> None:
        """Creates the pods, and lets nodes join one after another until all pods run."""
        for each in self._workloads:
            raise_refusal(each, self._server.apply(each))
        self._wait("pods of the baseline not created", self._are_tried)
        for pool, zone in self._order():
            if not [*self._pending()]:
                break
            self._join(pool, zone)
            # Pods that wait longer are tried after a back-off of up to ten seconds. New pods are
            # tried at once.
            for pod in self._pending():
                self._server.delete_now(pod)
            self._wait("pods of the baseline not scheduled", self._are_tried)
        self._wait("pods of the baseline not ready", lambda: all(map(is_ready, self._pods())))
        self._model = NodeModel(self._server, self._pods_of_model, self._nodes)

    def _order(self) -> Iterator[tuple[str, str]]:
        """Yields pool and zone of the nodes in the order in which they join."""
        first: dict[str, str] = {}
        for pool, zone in self._nodes.places:
            first.setdefault(pool, zone)
            yield pool, zone
        for pool, zone in first.items():
            for _ in range(self._nodes.maximum(pool) - 1):
                yield pool, zone

    def _join(self, pool: str, zone: str) -> None:
        """Makes a node available: one that is cordoned, or a new one."""
        place = {labels.POOL: pool, labels.ZONE: zone}
        for node in self._all_nodes():
            if (
                node["spec"].get("unschedulable")
                and place.items() <= node["metadata"]["labels"].items()
            ):
                break
        else:
            node = self._create_node(pool, zone)
        name = node["metadata"]["name"]
        self._wait(f"node {name} not ready", lambda: name in prepared_nodes(self._server))
        self._server.patch(node, {"spec": {"unschedulable": False}})
        self._wait(f"node {name} still cordoned", lambda: self._is_available(name))

    def _create_node(self, pool: str, zone: str) -> Manifest:
        """Creates a cordoned node."""
        node = cordoned(self._nodes.new(pool, zone))
        raise_refusal(node, self._server.create(node))
        return node

    def _is_available(self, name: str) -> bool:
        """True if a node has only the taint of the baseline."""
        return any(each["spec"].get("taints") == [TAINT] for each in self._named(name))

    def _named(self, name: str) -> Iterator[Manifest]:
        return (each for each in self._all_nodes() if each["metadata"]["name"] == name)

    def _are_tried(self) -> bool:
        """True if all pods exist, and the scheduler has tried each of them."""
        pods = self._pods()
        wanted = sum(each["spec"]["replicas"] for each in self._deployments())
        return len(pods) == wanted and all(map(_is_tried, pods))

    def _pending(self) -> Iterator[Manifest]:
        return (each for each in self._pods() if "nodeName" not in each["spec"])

    def _deployments(self) -> Iterator[Manifest]:
        return (each for each in self._workloads if each["kind"] == "Deployment")

    def _pods(self) -> Sequence[Manifest]:
        return self._all("v1", "Pod")

    def _delete_pods(self) -> bool:
        """Deletes all pods; true if none was left."""
        pods = self._pods()
        for pod in pods:
            self._server.delete_now(pod)
        return not pods

    def _all(self, version: str, kind: str) -> Sequence[Manifest]:
        """Returns all objects of a kind in the namespaces of the baseline."""
        return [
            each
            for each in self._server.list(version, kind)
            if each["metadata"]["namespace"].startswith(PREFIX)
        ]

    def _all_nodes(self) -> Sequence[Manifest]:
        return [
            node
            for node in self._server.list("v1", "Node")
            if node["metadata"]["labels"][labels.ZONE].startswith(PREFIX)
        ]

    def _wait(self, problem: str, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _TIMEOUT
        while not reached():
            if time.monotonic() > deadline:
                raise ApiError(f"{problem} within {_TIMEOUT:.0f}s")
            time.sleep(0.1)


def _is_tried(pod: Manifest) -> bool:
    """True if the scheduler has assigned a pod to a node, or has found that it fits on no node."""
    conditions = pod["status"].get("conditions", [])
    return "nodeName" in pod["spec"] or any(
        each.get("reason") == "Unschedulable" for each in conditions
    )
