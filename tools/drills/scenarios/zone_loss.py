"""Loss of a zone, without evictions and with evictions, and its return."""

import time
from collections.abc import Iterator

from core.availability.zone_failure import NODES_NOT_READY, seconds_to_replacement
from tools.drills.drill import DETECTION, NO_EVICTION, Drill
from tools.drills.objects import is_ready
from tools.drills.result import Result
from tools.drills.scenarios.common import (
    EVICTION_TOLERANCE,
    POD_START,
    dns_pods,
    dns_serve,
    even_again,
    lowest,
    wait_for_serving,
)

_RETURN_LIMIT = 60.0
"""Seconds within which the nodes of a returned zone become ready."""


def without_eviction(drill: Drill) -> Iterator[Result]:
    """Loses each zone without evictions: the pods in the other zones serve."""
    drill.controllers.start({**DETECTION, **NO_EVICTION})
    yield from each_zone(drill, "at rest")


def each_zone(drill: Drill, when: str) -> Iterator[Result]:
    """Loses each zone for a second, one after another."""
    for zone in drill.settings.network.zones_in:
        drill.wait_until_whole("all pods ready")
        with drill.watch(f"zone lost: {zone} {when}") as watch:
            drill.zones.lose(zone)
            time.sleep(1)
            dns = dns_pods(drill)
        drill.zones.restore(zone)
        yield from lowest(drill, watch, "zone lost", f"{zone} {when}")
        yield dns_serve(drill, dns, "zone lost", f"{zone} {when}")


def with_eviction(drill: Drill) -> Iterator[Result]:
    """Loses a zone and evicts its pods at the default rates: new pods start in other zones."""
    scenario = "zone lost, pods evicted"
    drill.controllers.start({})
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[0]
    nodes = len(drill.nodes_in(zone))
    computed = {
        name: seconds_to_replacement(nodes, [app.toleration_seconds.unreachable]).latest + POD_START
        for name, app in drill.settings.replicated.items()
    }
    with drill.watch(f"{scenario}: {zone}") as watch:
        wanted = {app: watch.samples[0].total(app) for app in drill.settings.replicated}
        drill.zones.lose(zone)
        limit = EVICTION_TOLERANCE * max(computed.values()) + 5
        wait_for_serving(watch, wanted, after=NODES_NOT_READY.latest, limit=limit)
    drill.zones.restore(zone)
    yield from lowest(drill, watch, scenario, zone)
    for app, seconds in computed.items():
        yield Result(
            scenario=scenario,
            subject=f"{zone}: {app}",
            bound="at most",
            computed=seconds,
            unit=f"s until all {wanted[app]} pods serve",
            seen=watch.seconds_until(lambda each, app=app: each.total(app) >= wanted[app]),
            tolerance=EVICTION_TOLERANCE,
        )
    drill.wait("all nodes of the returned zone ready", lambda: _is_back(drill, zone), _RETURN_LIMIT)
    yield from even_again(drill, "zone returned", zone)


def _is_back(drill: Drill, zone: str) -> bool:
    return all(is_ready(node) and "taints" not in node["spec"] for node in drill.nodes_in(zone))
