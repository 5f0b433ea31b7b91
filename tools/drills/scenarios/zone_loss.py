"""Loss of a zone: without evictions, after other events, and with evictions."""

import time
from collections.abc import Callable, Iterator, Mapping

from core.availability.zone_failure import NODES_NOT_READY, seconds_to_replacement
from tools.drills.drill import DETECTION, NO_EVICTION, Drill
from tools.drills.result import Result
from tools.drills.scenarios.common import (
    EVICTION_TOLERANCE,
    POD_START,
    dns_pods,
    dns_serve,
    lowest,
    roll_out,
    scale,
    wait_for_apps,
    wait_for_serving,
)


def without_eviction(drill: Drill) -> Iterator[Result]:
    """Loses each zone without evictions: the pods in the other zones serve."""
    drill.controllers.start({**DETECTION, **NO_EVICTION})
    yield from _each_zone(drill, "at rest")


def after_events(drill: Drill) -> Iterator[Result]:
    """Loses each zone after bursts, rollouts and scale-downs."""
    drill.controllers.start({**DETECTION, **NO_EVICTION})
    for name, event in _EVENTS.items():
        event(drill)
        drill.wait_until_whole(f"all pods ready after {name}")
        yield from _each_zone(drill, f"after {name}")


def _each_zone(drill: Drill, when: str) -> Iterator[Result]:
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
        for name, app in drill.settings.apps.items()
    }
    with drill.watch(f"{scenario}: {zone}") as watch:
        wanted = {app: watch.samples[0].total(app) for app in drill.settings.apps}
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


def _burst(drill: Drill) -> None:
    """Doubles the replicas of each app, up to the maximum, and returns to the minimum."""
    before = {app: drill.deployment(app)["spec"]["replicas"] for app in drill.settings.apps}
    for app, count in before.items():
        most = drill.settings.apps[app].replicas.max
        scale(drill, app, min(2 * count, most))
    wait_for_apps(drill, "all pods of a burst ready")
    for app, count in before.items():
        scale(drill, app, count)


def _roll_out_all(drill: Drill) -> None:
    for app in drill.settings.apps:
        roll_out(drill, app)
    wait_for_apps(drill, "all apps rolled out")


_EVENTS: Mapping[str, Callable[[Drill], None]] = {
    "a burst": _burst,
    "a rollout": _roll_out_all,
    "a second burst": _burst,
}
"""Events before the loss of a zone, in order."""
