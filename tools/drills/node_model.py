"""A model of the Cluster Autoscaler: adds nodes for pods that fit on no node.

A pod that may run in several zones gets a node in the zone with the fewest nodes. The model removes
no nodes: the Cluster Autoscaler does so after ten minutes, and a drill is shorter.

A node of a zone without stock does not arrive. The model notices this after the boot time, and then
requests no node in the zone until it has stock. The Cluster Autoscaler reads failed launches from
the activities of the Auto Scaling group and tries the group again after 5 to 30 minutes.
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/FAQ.md
"""

import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.availability.resources import Resources
from core.labels import POOL, ZONE
from tools.control_plane.api_client import ApiServer
from tools.control_plane.informer import Informer
from tools.control_plane.manifest import Manifest, raise_refusal
from tools.drills.node_templates import NodeTemplates
from tools.drills.objects import cordoned, prepared_nodes, requests_of
from tools.drills.repeat import repeated

BOOT_SECONDS = 10.0
"""Seconds from the request for a node to its readiness; 60 to 120 on AWS."""

SCAN_SECONDS = 1.0
"""Seconds between two scans for pending pods; 10 by default of the Cluster Autoscaler."""

JOIN_SECONDS = 2.0 + SCAN_SECONDS
"""Seconds from the creation of a node until pods of apps may run on it: until its readiness, as in
stages.yaml, and the next scan. The boot time includes them."""

_TRY_SECONDS = 15.0
"""Seconds within which a new node becomes ready and the scheduler tries all pending pods on it."""


@dataclass
class _Request:
    """A node that was requested and does not exist yet."""

    pool: str
    zone: str
    created_at: float


@dataclass
class _Node:
    """A node that exists or is requested."""

    pool: str
    zone: str
    free: Resources
    """Resources that are left for pods of Deployments."""
    taints: Sequence[Manifest]
    tried: bool = False
    """True if the scheduler has tried all pending pods on the node."""


@dataclass
class NodeModel:
    """Adds nodes to a cell."""

    server: ApiServer
    pods: Informer
    templates: NodeTemplates
    _requests: list[_Request] = field(default_factory=list[_Request])
    _created: dict[str, float] = field(default_factory=dict[str, float])
    """Time at which each added node was created, by name."""
    _starting: set[str] = field(default_factory=set[str])
    """Names of the added nodes on which DaemonSets do not run yet."""
    _failed: set[str] = field(default_factory=set[str])
    """Zones in which a node was not delivered. Other zones are used until the zone has stock."""

    def scan(self) -> None:
        """Creates the nodes that have booted, and requests nodes for pending pods."""
        now = time.monotonic()
        self._failed &= self.templates.out_of_stock
        for request in [each for each in self._requests if each.created_at <= now]:
            self._requests.remove(request)
            if request.zone in self.templates.out_of_stock:
                self._failed.add(request.zone)
                continue
            node = cordoned(self.templates.new(request.pool, request.zone))
            raise_refusal(node, self.server.create(node))
            self._created[node["metadata"]["name"]] = now
            self._starting.add(node["metadata"]["name"])
        self._open_started_nodes()
        pods = self.pods.objects()
        nodes = self._nodes(pods)
        for pod in _pending(pods):
            requests = requests_of(pod)
            if any(not node.tried and _place(pod, requests, node) for node in nodes):
                continue
            count = Counter((node.pool, node.zone) for node in nodes)
            places = [
                (pool, zone)
                for pool, zone in self.templates.places
                if zone not in self._failed
                and _place(pod, requests, self._new_node(pool, zone))
                and count[pool, zone] < self.templates.maximum(pool)
            ]
            if places:
                pool, zone = min(places, key=lambda place: (count[place], place))
                self._requests.append(_Request(pool, zone, now + BOOT_SECONDS - JOIN_SECONDS))
                nodes.append(self._new_node(pool, zone))
                _place(pod, requests, nodes[-1])

    def _open_started_nodes(self) -> None:
        """Uncordons the added nodes that are ready and have their pods of DaemonSets."""
        if not self._starting:
            return
        started = self._starting & prepared_nodes(self.server)
        for node in self.server.list("v1", "Node"):
            name = node["metadata"]["name"]
            if name in started:
                self.server.patch(node, {"spec": {"unschedulable": False}})
                self._starting.discard(name)

    def _nodes(self, pods: Iterable[Manifest]) -> list[_Node]:
        """Returns the nodes of the templates that exist or are requested, with pods on them.

        `tried` marks nodes that have existed for some time: the scheduler has tried all pending
        pods on these nodes, and none fits, perhaps because of rules that the model does not have.
        """
        nodes: dict[str, _Node] = {}
        for each in self.server.list("v1", "Node"):
            name, labels = each["metadata"]["name"], each["metadata"]["labels"]
            if (labels[POOL], labels[ZONE]) not in self.templates.places:
                continue
            node = nodes[name] = self._new_node(labels[POOL], labels[ZONE])
            node.tried = time.monotonic() > self._created.get(name, 0) + _TRY_SECONDS
        for pod in pods:
            node = nodes.get(pod["spec"].get("nodeName"))
            if node and pod["metadata"]["ownerReferences"][0]["kind"] != "DaemonSet":
                node.free = node.free - requests_of(pod)
        return [
            *nodes.values(),
            *(self._new_node(each.pool, each.zone) for each in self._requests),
        ]

    def _new_node(self, pool: str, zone: str) -> _Node:
        return _Node(pool, zone, self.templates.free(pool), self.templates.taints(pool))


@contextmanager
def node_model(server: ApiServer, pods: Informer, templates: NodeTemplates) -> Generator[None]:
    """Runs a model in a thread while the block runs; raises the error of the thread."""
    with repeated(NodeModel(server, pods, templates).scan, SCAN_SECONDS):
        yield


def _pending(pods: Iterable[Manifest]) -> Iterator[Manifest]:
    """Yields the pods that the scheduler has found to fit on no node.

    A pending pod of a DaemonSet belongs to a node, so no new node helps it.
    """
    for pod in pods:
        of_daemon_set = pod["metadata"]["ownerReferences"][0]["kind"] == "DaemonSet"
        if "nodeName" in pod["spec"] or of_daemon_set:
            continue
        nominated = pod["status"].get("nominatedNodeName")
        conditions = pod["status"].get("conditions", [])
        if not nominated and any(each.get("reason") == "Unschedulable" for each in conditions):
            yield pod


def _place(pod: Manifest, requests: Resources, node: _Node) -> bool:
    """Places a pod on a node if it may run there and fits; false if not."""
    selector = pod["spec"].get("nodeSelector", {})
    tolerated = {each.get("key") for each in pod["spec"].get("tolerations", [])}
    accepts = (
        selector.get(POOL, node.pool) == node.pool
        and selector.get(ZONE, node.zone) == node.zone
        and all(each["key"] in tolerated for each in node.taints)
        and requests.fits(node.free)
    )
    if accepts:
        node.free = node.free - requests
    return accepts
