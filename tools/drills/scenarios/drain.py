"""Drain of a zone."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from tools.drills.baseline import PREFIX
from tools.drills.drill import DETECTION, Drill
from tools.drills.result import Result
from tools.drills.scenarios.common import even_again, lowest

_LIMIT = 900.0
"""Seconds for which EKS waits for the pods of a node before an update fails.
https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"""


def drain_zone(drill: Drill) -> Iterator[Result]:
    """Drains each node of a zone with the Eviction API, one node after another."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[0]
    with (
        ThreadPoolExecutor(1) as executor,
        drill.watch(f"zone drained: {zone}") as watch,
    ):
        baseline = executor.submit(drain, drill, PREFIX + zone)
        seconds = drain(drill, zone)
        baseline.result()
    yield from lowest(drill, watch, "zone drained", zone)
    yield Result(
        scenario="zone drained",
        subject=f"{zone}: {len(seconds)} nodes",
        bound="at most",
        computed=_LIMIT,
        unit="s until a node is drained",
        seen=max(seconds),
        baseline=max(baseline.result()),
        detail=f"{sum(seconds):.0f}s for all nodes",
        tolerance=1.0,
    )
    yield from even_again(drill, "drained zone returned", zone)


def drain(drill: Drill, zone: str) -> Sequence[float]:
    """Drains the nodes of a zone, as `kubectl drain` does; returns the seconds for each node."""
    nodes = drill.nodes_in(zone)
    for node in nodes:
        drill.server.patch(node, {"spec": {"unschedulable": True}})
    seconds = [
        drill.wait(f"drain of {name}", lambda name=name: not evict_from(drill, name), _LIMIT)
        for name in (node["metadata"]["name"] for node in nodes)
    ]
    for node in nodes:
        drill.server.patch(node, {"spec": {"unschedulable": False}})
    return seconds


def evict_from(drill: Drill, node: str) -> bool:
    """Evicts the pods of a node; false if no pod is left."""
    pods = [
        pod
        for pod in drill.server.list("v1", "Pod", fieldSelector=f"spec.nodeName={node}")
        if pod["metadata"]["ownerReferences"][0]["kind"] != "DaemonSet"
    ]
    for pod in pods:
        if "deletionTimestamp" not in pod["metadata"]:
            drill.server.evict(pod)
    return bool(pods)
