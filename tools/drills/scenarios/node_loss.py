"""Loss of nodes: of the fullest node, and of the larger part of a zone."""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from core.availability.zone_failure import is_evicted, seconds_to_replacement
from core.labels import ZONE
from tools.control_plane.manifest import Manifest
from tools.drills.baseline_objects import PREFIX
from tools.drills.drill import DETECTED, DETECTION, Drill
from tools.drills.result import Result
from tools.drills.scenarios.common import (
    EVICTION_TOLERANCE,
    POD_START,
    lowest,
    shorten_tolerations,
    wait_for_serving,
)

_TOLERATION = 10
"""Seconds that pods stay on an unreachable node, to shorten the drill."""


def lose_node(drill: Drill) -> Iterator[Result]:
    """Loses the node with most pods of apps: its pods start on other nodes."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    nodes = [node for zone in drill.settings.network.zones_in for node in drill.nodes_in(zone)]
    twins = [
        node for zone in drill.settings.network.zones_in for node in drill.nodes_in(PREFIX + zone)
    ]
    yield from _lose(drill, "node lost", fullest(drill, nodes, 1), fullest(drill, twins, 1))


def lose_part_of_zone(drill: Drill) -> Iterator[Result]:
    """Loses the fullest nodes of a zone, 60% of its nodes: their pods start on other nodes."""
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[0]
    nodes, twins = (
        fullest(drill, nodes, -(-len(nodes) * 6 // 10))
        for nodes in (drill.nodes_in(zone), drill.nodes_in(PREFIX + zone))
    )
    yield from _lose(drill, "60% of a zone lost", nodes, twins)


def _lose(
    drill: Drill, scenario: str, nodes: Sequence[Manifest], twins: Sequence[Manifest]
) -> Iterator[Result]:
    """Loses nodes of a zone until their pods serve on other nodes, if Kubernetes evicts them.

    `twins` are the nodes of the baseline that are lost with them.
    """
    names = sorted(node["metadata"]["name"] for node in nodes)
    in_zone = drill.nodes_in(nodes[0]["metadata"]["labels"][ZONE])
    evicted = is_evicted(len(nodes), len(in_zone))
    replaced = seconds_to_replacement(len(nodes), [_TOLERATION], DETECTED).latest + POD_START
    # Pods of an app with strict zones have to start in the zone of the lost nodes, whose headroom
    # may be lost too.
    computed = {
        name: replaced + (drill.supply.node_seconds if app.spread.zones == "strict" else 0)
        for name, app in drill.settings.replicated.items()
    }
    shorten_tolerations(drill, names, _TOLERATION)
    subject = ", ".join(names)
    with drill.watch(f"{scenario}: {subject}") as watch, drill.lost([*nodes, *twins]):
        wanted = {app: watch.samples[0].total(app) for app in drill.settings.replicated}
        if evicted:
            limit = EVICTION_TOLERANCE * max(computed.values()) + 2
            wait_for_serving(watch, wanted, after=DETECTED.latest, limit=limit)
        else:
            time.sleep(replaced)
        deleted = sum(
            pod["spec"].get("nodeName") in names and "deletionTimestamp" in pod["metadata"]
            for pod in drill.server.list("v1", "Pod")
        )
    yield from lowest(drill, watch, scenario, subject)
    if not evicted:
        yield Result(
            scenario=scenario,
            subject=subject,
            bound="at most",
            computed=0,
            unit="pods evicted",
            seen=deleted,
            detail=f"{len(nodes)} of {len(in_zone)} nodes of the zone are lost",
        )
    else:
        for app, settings in drill.settings.replicated.items():
            unshortened = seconds_to_replacement(
                len(nodes), [settings.toleration_seconds.unreachable]
            )
            yield Result(
                scenario=scenario,
                subject=f"{subject}: {app}",
                bound="at most",
                computed=computed[app],
                unit=f"s until all {wanted[app]} pods serve",
                seen=watch.seconds_until(lambda each, app=app: each.total(app) >= wanted[app]),
                detail=f"{unshortened.latest + POD_START:.0f}s without shortened times, if no pod "
                "has to wait for a node",
                tolerance=EVICTION_TOLERANCE,
            )


def fullest(drill: Drill, nodes: Collection[Manifest], count: int) -> Sequence[Manifest]:
    """Returns the nodes with most pods of apps, or of their baselines."""
    apps = drill.with_baseline(*drill.settings.replicated)
    pods = Counter(
        pod["spec"].get("nodeName")
        for pod in drill.server.list("v1", "Pod")
        if pod["metadata"]["namespace"] in apps
    )
    return sorted(nodes, key=lambda node: -pods[node["metadata"]["name"]])[:count]
