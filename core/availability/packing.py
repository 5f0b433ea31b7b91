"""Pods on the nodes of one zone: which nodes hold them, as the autoscaler would bring them.

First-fit decreasing: the largest pods first, each on the first node that has room, and on a new
node where none has. A packing that is found is one that there is; the scheduler may find another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.availability.resources import Resources


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod that has to be somewhere."""

    name: str
    """What it is one of: an app, or a part of the system."""
    requests: Resources
    """Its requests."""
    pools: frozenset[str]
    """Pools that it may run on."""
    one_per_node: bool = False
    """Whether no two of its name may share a node."""
    headroom: bool = False
    """Whether it does nothing but hold room for one of its name."""
    parts: tuple["Pod", ...] = ()
    """Pods that it stands for, if they can be in different places too."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupModel:
    """The nodes of a pool, in one zone."""

    name: str
    """Instance type, for people."""
    free: Resources
    """What a node has for pods, beside what runs on every node."""
    min: int
    """Nodes at least."""
    max: int
    """Nodes at most."""


@dataclass(kw_only=True)
class Node:
    """A node, and what is on it."""

    pool: str
    free: Resources
    pods: list[Pod] = field(default_factory=list[Pod])

    def accepts(self, pod: Pod) -> bool:
        """Whether a pod can be put on it."""
        return (
            self.pool in pod.pools
            and pod.requests.fits(self.free)
            and not (pod.one_per_node and any(other.name == pod.name for other in self.pods))
        )

    def place(self, pod: Pod) -> None:
        """Puts a pod on it."""
        self.pods.append(pod)
        self.free = self.free - pod.requests

    def remove(self, pod: Pod) -> None:
        """Takes a pod off it."""
        self.pods.remove(pod)
        self.free = self.free + pod.requests


@dataclass(frozen=True, kw_only=True)
class Packing:
    """A zone with its pods on its nodes."""

    nodes: Sequence[Node]
    pending: Sequence[Pod]
    """Pods for which there is no node, and none can come."""

    def count(self, pool: str) -> int:
        """Nodes of a pool."""
        return sum(node.pool == pool for node in self.nodes)


def pack(pods: Iterable[Pod], pools: Mapping[str, NodeGroupModel]) -> Packing:
    """The nodes of one zone that hold `pods`: each pool's minimum, and as many more as it takes.

    A node comes of the pool that the pod leaves least of, up to the pool's maximum.
    """
    nodes = [_new(pool, kind) for pool, kind in pools.items() for _ in range(kind.min)]
    pending: list[Pod] = []
    for pod, place in _by_size(pods):
        if _place(pod, nodes, place):
            continue
        pool = _pool_for(pod, nodes, pools)
        if pool is None:
            pending.append(pod)
            continue
        nodes.append(_new(pool, pools[pool]))
        nodes[-1].place(pod)
    return Packing(nodes=nodes, pending=pending)


def reschedule(pods: Iterable[Pod], nodes: Sequence[Node]) -> Sequence[Pod]:
    """Puts pods on nodes that are there, and gives those that find no place.

    A pod takes the place of one that holds room for its name; all that hold room for others give
    way to those that are left, whose parts go where there is place for each.
    """
    held: dict[str, list[tuple[Node, Pod]]] = {}
    for node in nodes:
        for pod in node.pods:
            if pod.headroom:
                held.setdefault(pod.name, []).append((node, pod))
    left: list[Pod] = []
    for pod in pods:
        places = held.get(pod.name)
        if not places:
            left.append(pod)
            continue
        node, headroom = places.pop()
        node.remove(headroom)
        if node.accepts(pod):
            node.place(pod)
        else:
            left.append(pod)
    for places in held.values():
        for node, headroom in places:
            node.remove(headroom)
    each = [part for pod in left for part in pod.parts or (pod,)]
    return [pod for pod, place in _by_size(each) if not _place(pod, nodes, place)]


def _new(pool: str, kind: NodeGroupModel) -> Node:
    return Node(pool=pool, free=kind.free)


def _by_size(pods: Iterable[Pod]) -> Iterable[tuple[Pod, list[int]]]:
    """Pods, the largest first; with each the first node that may have room for one like it."""
    firsts: dict[Pod, list[int]] = {}
    for pod in sorted(
        pods, key=lambda pod: (not pod.one_per_node, -pod.requests.size, pod.name, pod.headroom)
    ):
        yield pod, firsts.setdefault(pod, [0])


def _place(pod: Pod, nodes: Sequence[Node], first: list[int]) -> bool:
    """Puts a pod on the first node that takes it: nodes only fill up, so none before it will."""
    for index in range(first[0], len(nodes)):
        if nodes[index].accepts(pod):
            nodes[index].place(pod)
            first[0] = index
            return True
    first[0] = len(nodes)
    return False


def _pool_for(pod: Pod, nodes: Sequence[Node], pools: Mapping[str, NodeGroupModel]) -> str | None:
    able = [
        name
        for name, kind in pools.items()
        if name in pod.pools
        and pod.requests.fits(kind.free)
        and sum(node.pool == name for node in nodes) < kind.max
    ]
    return min(able, key=lambda name: (pools[name].free - pod.requests).size, default=None)
