"""Loss of a zone while other parts fail too, and a zonal shift."""

import time
from collections.abc import Collection, Iterator

from core.availability.retries import seconds_to_retry
from tools.control_plane.manifest import raise_refusal
from tools.drills.baseline_objects import PREFIX
from tools.drills.drill import DETECTED, DETECTION, Drill
from tools.drills.pod_webhook import pod_webhook
from tools.drills.result import Result
from tools.drills.scenarios.common import (
    EVICTION_TOLERANCE,
    POD_START,
    lowest,
    returned,
    shorten_tolerations,
    wait_for_serving,
)

_LEASE = 10
"""Seconds after which controllers stop that cannot renew their lease, by default.
https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/"""

_API_OUTAGE = 30
"""Seconds for which the API server does not respond: longer than the detection of a lost node."""

_WEBHOOK_OUTAGE = 10
"""Seconds for which pods are refused."""

_TOLERATION = 5
"""Seconds that pods stay on an unreachable node, to shorten the drill."""


def zonal_shift(drill: Drill) -> Iterator[Result]:
    """Shifts a zone away: its nodes are cordoned, its pods receive no requests and are not evicted.

    EKS does this with the endpoints of Services. Here the pods count as not serving.
    https://docs.aws.amazon.com/eks/latest/userguide/zone-shift.html
    """
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[0]
    nodes = [*drill.nodes_in(zone), *drill.nodes_in(PREFIX + zone)]
    with drill.watch(f"zonal shift: {zone}") as watch:
        for node in nodes:
            drill.server.patch(node, {"spec": {"unschedulable": True}})
        drill.zones.shifted.add(zone)
        time.sleep(5)
        evicted = _deleted(drill, drill.settings.replicated)
    drill.zones.shifted.discard(zone)
    for node in nodes:
        drill.server.patch(node, {"spec": {"unschedulable": False}})
    yield from lowest(drill, watch, "zonal shift", zone)
    yield _none_evicted("zonal shift", zone, evicted)
    yield from returned(drill, "zonal shift", zone)


def api_server_stopped(drill: Drill) -> Iterator[Result]:
    """Loses a zone while the API server does not respond, and returns the zone afterwards.

    The controllers stop meanwhile, because they cannot renew their lease, and start again.
    """
    scenario = "zone lost while the API server is down"
    drill.controllers.start(DETECTION)
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[-1]
    with drill.watch(f"{scenario}: {zone}") as watch:
        with drill.server.suspended():
            drill.zones.lose(zone)
            time.sleep(_LEASE)
            drill.controllers.stop()
            time.sleep(_API_OUTAGE - _LEASE)
        drill.controllers.start(DETECTION)
        time.sleep(DETECTED.latest + 2)
        evicted = _deleted(drill, drill.settings.replicated)
    drill.zones.restore(zone)
    yield from lowest(drill, watch, scenario, zone)
    yield _none_evicted(scenario, zone, evicted)
    yield from returned(drill, scenario, zone)


def webhook_down(drill: Drill) -> Iterator[Result]:
    """Loses a zone while the webhook of the AWS Load Balancer Controller does not respond.

    Kubernetes evicts the pods of the zone at a high rate, and refuses new pods of exposed apps
    until the webhook responds again.
    """
    scenario = "zone lost while the load balancer controller is down"
    drill.controllers.start({**DETECTION, "node-eviction-rate": "10"})
    drill.wait_until_whole("all pods ready")
    zone = drill.settings.network.zones_in[1]
    webhook = pod_webhook(drill.recording, "https://127.0.0.1:1")  # without a server
    exposed = [*drill.settings.exposed]
    names = [node["metadata"]["name"] for node in drill.nodes_in(zone)]
    shorten_tolerations(drill, names, _TOLERATION)
    raise_refusal(webhook, drill.server.apply(webhook))
    with drill.watch(f"{scenario}: {zone}") as watch:
        wanted = {app: watch.samples[0].total(app) for app in drill.settings.replicated}
        lost = {app: watch.samples[0].serving[app][zone] for app in drill.settings.replicated}
        drill.zones.lose(zone)
        drill.wait(
            f"{scenario}: pods of {zone} evicted",
            lambda: _deleted(drill, drill.settings.replicated) >= sum(lost.values()),
            2 * (DETECTED.latest + _TOLERATION),
        )
        evicted = watch.samples[-1].seconds
        time.sleep(_WEBHOOK_OUTAGE)
        drill.server.delete_now(webhook)
        responds = watch.samples[-1].seconds
        computed = seconds_to_retry(responds - evicted) + POD_START
        limit = responds + EVICTION_TOLERANCE * computed + 2
        wait_for_serving(watch, wanted, after=responds, limit=limit)
    drill.zones.restore(zone)
    yield from lowest(drill, watch, scenario, zone)
    for app in exposed:
        seconds = watch.seconds_until(lambda each, app=app: each.total(app) >= wanted[app])
        yield Result(
            scenario=scenario,
            subject=f"{zone}: {app}",
            bound="at most",
            computed=computed,
            unit=f"s after the end until all {wanted[app]} pods serve",
            seen=None if seconds is None else max(0.0, seconds - responds),
            detail=f"pods were refused for {responds - evicted:.0f}s",
            tolerance=EVICTION_TOLERANCE,
        )


def _deleted(drill: Drill, apps: Collection[str]) -> int:
    """Returns the number of pods of apps that are being deleted."""
    return sum(
        pod["metadata"]["namespace"] in apps and "deletionTimestamp" in pod["metadata"]
        for pod in drill.server.list("v1", "Pod")
    )


def _none_evicted(scenario: str, subject: str, evicted: int) -> Result:
    return Result(
        scenario=scenario,
        subject=subject,
        bound="at most",
        computed=0,
        unit="pods evicted",
        seen=evicted,
    )
