"""Rescheduling: places evicted pods on the nodes that are left, and tells why a pod stays pending.

No node is added.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.availability.packing import Node, Pod, by_size, place

Capacity = Literal["own headroom", "other capacity"]
"""Capacity on which a pod starts. own headroom: a placeholder of its workload. other capacity: free
capacity, or placeholders of other workloads."""

Shortage = Literal[
    "CPU",
    "memory",
    "ephemeral storage",
    "accelerators",
    "maximum pods",
    "one pod per node",
    "pool",
    "zone",
]
"""Reason for which nodes do not accept a pod. maximum pods: the kubelet's maximum number of pods.
pool: no node of its pools exists. zone: none in the zone that may run the pod."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """Start of a pod on an existing node."""

    pod: Pod
    node: Node
    capacity: Capacity


@dataclass(frozen=True, kw_only=True)
class Rescheduling:
    """Placement of pods on existing nodes."""

    starts: Sequence[Start]
    pending: Sequence[Pod]
    """Pods that fit on no node."""


def reschedule(pods: Iterable[Pod], nodes: Sequence[Node]) -> Rescheduling:
    """Places pods on existing nodes.

    A pod first replaces a placeholder of its workload. The pods that remain then preempt all other
    placeholders; their `parts` are placed one by one.
    """
    placeholders: dict[str, list[tuple[Node, Pod]]] = {}
    for node in nodes:
        for pod in node.pods:
            if pod.headroom:
                placeholders.setdefault(pod.name, []).append((node, pod))
    starts: list[Start] = []
    remaining: list[Pod] = []
    for pod in pods:
        available = placeholders.get(pod.name, [])
        index = _last_in_zone(pod, available)
        if index is None:
            remaining.append(pod)
            continue
        node, placeholder = available.pop(index)
        node.remove(placeholder)
        if node.accepts(pod):
            node.place(pod)
            starts.append(Start(pod=pod, node=node, capacity="own headroom"))
        else:
            remaining.append(pod)
    for unused in placeholders.values():
        for node, placeholder in unused:
            node.remove(placeholder)
    parts = [part for pod in remaining for part in pod.parts or (pod,)]
    pending: list[Pod] = []
    for pod, first in by_size(parts):
        if place(pod, nodes, first):
            starts.append(Start(pod=pod, node=nodes[first[0]], capacity="other capacity"))
        else:
            pending.append(pod)
    return Rescheduling(starts=starts, pending=pending)


def shortages(pod: Pod, nodes: Iterable[Node]) -> frozenset[Shortage]:
    """Returns the reasons for which no node of `nodes` accepts a pod.

    Each reason excludes one node or more.
    """
    own = [node for node in nodes if node.pool in pod.pools]
    near = [node for node in own if pod.zone in (None, node.zone)]
    if not near:
        return frozenset(["zone" if own else "pool"])
    return frozenset(reason for node in near for reason in _missing(pod, node))


def _missing(pod: Pod, node: Node) -> Iterator[Shortage]:
    """Yields the reasons for which a node of the pools of a pod does not accept the pod."""
    if pod.one_per_node and any(other.name == pod.name for other in node.pods):
        yield "one pod per node"
    if pod.requests.cpu > node.free.cpu:
        yield "CPU"
    if pod.requests.memory > node.free.memory:
        yield "memory"
    if pod.requests.storage > node.free.storage:
        yield "ephemeral storage"
    if pod.requests.accelerators > node.free.accelerators:
        yield "accelerators"
    if pod.requests.pods > node.free.pods:
        yield "maximum pods"


def _last_in_zone(pod: Pod, placeholders: Sequence[tuple[Node, Pod]]) -> int | None:
    """Returns the index of the last placeholder on a node in a zone that may run the pod."""
    return next(
        (
            index
            for index in reversed(range(len(placeholders)))
            if pod.zone in (None, placeholders[index][0].zone)
        ),
        None,
    )
