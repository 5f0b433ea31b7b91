"""Packing: places the pods of one zone on nodes, and adds nodes as the Cluster Autoscaler does.

The method is first-fit decreasing: the largest pods first, each on the first node that fits, or on
a new node if none fits. A packing that is found proves that one exists; the scheduler may choose
another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.availability.resources import Resources


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod to place on a node."""

    name: str
    """Name of its workload: an app or a Deployment of the system."""
    requests: Resources
    """Requests of the pod."""
    pools: frozenset[str]
    """Names of the pools that may run the pod."""
    one_per_node: bool = False
    """True if a node runs at most one pod of the workload."""
    headroom: bool = False
    """True for a placeholder that only reserves capacity for a pod of its workload."""
    parts: tuple["Pod", ...] = ()
    """Pods that this pod represents. They may run on different nodes."""
    zone: int | None = None
    """Only zone whose nodes may run the pod. Default: any zone."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupModel:
    """The nodes of a pool in one zone."""

    name: str
    """Instance types of the nodes, to show: m7i.large or m6i.large."""
    free: Resources
    """Allocatable resources of a node, less the pods that run on every node."""
    min: int
    """Minimum number of nodes."""
    max: int
    """Maximum number of nodes."""


@dataclass(kw_only=True)
class Node:
    """A node and the pods on it."""

    pool: str
    free: Resources
    """Resources that are left for further pods."""
    pods: list[Pod] = field(default_factory=list[Pod])
    zone: int = 0
    """Number of the zone of the node."""

    def accepts(self, pod: Pod) -> bool:
        """True if the pod may run on the node and fits."""
        return (
            self.pool in pod.pools
            and pod.zone in (None, self.zone)
            and pod.requests.fits(self.free)
            and not (pod.one_per_node and any(other.name == pod.name for other in self.pods))
        )

    def place(self, pod: Pod) -> None:
        """Places a pod on the node, and takes its requests from `free`."""
        self.pods.append(pod)
        self.free = self.free - pod.requests

    def remove(self, pod: Pod) -> None:
        """Removes a pod from the node, and returns its requests to `free`."""
        self.pods.remove(pod)
        self.free = self.free + pod.requests


@dataclass(frozen=True, kw_only=True)
class Packing:
    """The nodes of a zone with the pods placed on them."""

    nodes: Sequence[Node]
    pending: Sequence[Pod]
    """Pods that fit on no node, while their pools are at their maximum or too small for them."""

    def count(self, pool: str) -> int:
        """Returns the number of nodes of a pool."""
        return sum(node.pool == pool for node in self.nodes)


def pack(pods: Iterable[Pod], pools: Mapping[str, NodeGroupModel]) -> Packing:
    """Places `pods` on the minimum nodes of each pool, and on as many further nodes as required.

    A new node is of the pool whose node has the least capacity left with the pod on it, up to the
    maximum of the pool.
    """
    nodes = [_new_node(pool, group) for pool, group in pools.items() for _ in range(group.min)]
    pending: list[Pod] = []
    for pod, first in by_size(pods):
        if place(pod, nodes, first):
            continue
        pool = _pool_for(pod, nodes, pools)
        if pool is None:
            pending.append(pod)
            continue
        nodes.append(_new_node(pool, pools[pool]))
        nodes[-1].place(pod)
    return Packing(nodes=nodes, pending=pending)


def by_size(pods: Iterable[Pod]) -> Iterable[tuple[Pod, list[int]]]:
    """Yields the pods, largest first, each with the index of the first node that may fit.

    Equal pods share the index, in a list of one.
    """
    firsts: dict[Pod, list[int]] = {}
    for pod in sorted(
        pods, key=lambda pod: (not pod.one_per_node, -pod.requests.size, pod.name, pod.headroom)
    ):
        yield pod, firsts.setdefault(pod, [0])


def place(pod: Pod, nodes: Sequence[Node], first: list[int]) -> bool:
    """Places a pod on the first node that accepts the pod; False if no node does.

    Nodes only fill up, so a node that did not accept an equal pod does not accept this one.
    """
    for index in range(first[0], len(nodes)):
        if nodes[index].accepts(pod):
            nodes[index].place(pod)
            first[0] = index
            return True
    first[0] = len(nodes)
    return False


def _new_node(pool: str, group: NodeGroupModel) -> Node:
    return Node(pool=pool, free=group.free)


def _pool_for(pod: Pod, nodes: Sequence[Node], pools: Mapping[str, NodeGroupModel]) -> str | None:
    """Returns the pool for a new node for a pod; None if no pool can have one."""
    candidates = [
        name
        for name, group in pools.items()
        if name in pod.pools
        and pod.requests.fits(group.free)
        and sum(node.pool == name for node in nodes) < group.max
    ]
    return min(candidates, key=lambda name: (pools[name].free - pod.requests).size, default=None)
