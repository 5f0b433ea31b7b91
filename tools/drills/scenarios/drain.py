"""Drain of a zone."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from tools.drills.baseline_objects import PREFIX
from tools.drills.drill import DETECTION, Drill
from tools.drills.result import Result
from tools.drills.scenarios.common import even_again, lowest

_LIMIT = 900.0
"""Seconds for which EKS waits for the pods of a node before an update fails.
https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"""


@dataclass(frozen=True)
class NodeDrain:
    """The drain of a node."""

    seconds: float
    """Seconds until no pod of a Deployment is left on the node."""
    refused: int
    """Pods whose eviction a disruption budget refused at first."""


def drain_zone(drill: Drill) -> Iterator[Result]:
    """Drains each node of a zone with the Eviction API, one node after another."""
    yield from _drained(drill, "zone drained", at_once=1)


def drain_zone_at_once(drill: Drill) -> Iterator[Result]:
    """Drains all nodes of a zone with the Eviction API at the same time."""
    nodes = len(drill.nodes_in(drill.settings.network.zones_in[0]))
    yield from _drained(drill, "zone drained at once", at_once=nodes)


def _drained(drill: Drill, scenario: str, *, at_once: int) -> Iterator[Result]:
    """Drains `at_once` nodes of a zone at the same time."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[0]
    with (
        ThreadPoolExecutor(1) as executor,
        drill.watch(f"{scenario}: {zone}") as watch,
    ):
        baseline = executor.submit(_drain, drill, PREFIX + zone, at_once)
        began = time.monotonic()
        drains = _drain(drill, zone, at_once)
        seconds = time.monotonic() - began
        baseline.result()
    yield from lowest(drill, watch, scenario, zone)
    yield Result(
        scenario=scenario,
        subject=f"{zone}: {len(drains)} nodes",
        bound="at most",
        computed=_LIMIT,
        unit="s until a node is drained",
        seen=max(each.seconds for each in drains),
        baseline=max(each.seconds for each in baseline.result()),
        detail=f"{seconds:.0f}s for all nodes; evictions refused at first: "
        f"{sum(each.refused for each in drains)}",
        tolerance=1.0,
    )
    yield from even_again(drill, f"{scenario}, returned", zone)


def _drain(drill: Drill, zone: str, at_once: int) -> Sequence[NodeDrain]:
    """Drains the nodes of a zone, as `kubectl drain` does."""
    nodes = drill.nodes_in(zone)
    for node in nodes:
        drill.server.patch(node, {"spec": {"unschedulable": True}})
    with ThreadPoolExecutor(at_once) as executor:
        names: list[str] = [node["metadata"]["name"] for node in nodes]
        drains = [*executor.map(partial(drain_node, drill), names)]
    for node in nodes:
        drill.server.patch(node, {"spec": {"unschedulable": False}})
    return drains


def drain_node(drill: Drill, name: str) -> NodeDrain:
    """Evicts the pods of a node until none is left."""
    refused = set[str]()

    def is_empty() -> bool:
        pods = [
            pod
            for pod in drill.server.list("v1", "Pod", fieldSelector=f"spec.nodeName={name}")
            if pod["metadata"]["ownerReferences"][0]["kind"] != "DaemonSet"
        ]
        for pod in pods:
            if "deletionTimestamp" not in pod["metadata"] and not drill.server.evict(pod):
                refused.add(pod["metadata"]["name"])
        return not pods

    return NodeDrain(drill.wait(f"drain of {name}", is_empty, _LIMIT), len(refused))
