"""Figures in the documentation are those that the program computes for the shipped stack prod."""

from collections.abc import Callable, Iterator

import pytest

from core.availability.allocatable import allocatable
from core.availability.cpu_target import CPU_PERCENT_AFTER_ZONE_LOSS, cpu_target
from core.availability.health_checks import (
    INTERVAL,
    SECONDS_UNTIL_UNHEALTHY,
    TIMEOUT,
    UNHEALTHY_THRESHOLD,
    seconds_until_ready,
)
from core.availability.replicas import headroom_per_zone, max_unready_percentage, minimum_replicas
from core.availability.termination import ENDPOINT_DEREGISTRATION, MARGIN, SPOT_GRACE, UPDATE_GRACE
from core.availability.zone_failure import (
    DNS_TTL,
    DNS_WITHDRAWAL,
    DNS_WITHDRAWN,
    NODES_NOT_READY,
    SECONDS_PER_NODE,
    seconds_to_replacement,
)
from core.availability.zone_loss import nodes_at_rest
from core.facts.instance_types import instance_type
from settings import Settings
from settings.availability import headroom_of, zone_model_of
from tests.conftest import recording_of
from tools.recording.record import ROOT

UNHEALTHY = f"{UNHEALTHY_THRESHOLD} × {INTERVAL} s + {TIMEOUT} s"


def prod() -> Settings:
    return recording_of("prod").settings


def scaling() -> Iterator[str]:
    """Yields sentences and rows of docs/scaling.md."""
    settings = prod()
    zones, apps = len(settings.network.zones), settings.apps
    web, cache = apps["web"], apps["cache"]
    minimums = [app.minimum_replicas(zones) for app in (web, cache)]
    needed = [app.replicas.needed for app in (web, cache)]
    fullest = [-(-each // zones) for each in minimums]
    target, peak = cpu_target(zones), CPU_PERCENT_AFTER_ZONE_LOSS
    yield (
        f"| Minimum replicas | ⌈needed × zones / (zones − 1)⌉ = ⌈{needed[0]} × {zones} / "
        f"{zones - 1}⌉ | {minimums[0]} | {minimums[1]} |"
    )
    yield f"| Replicas in the fullest zone | ⌈minimum / zones⌉ | {fullest[0]} | {fullest[1]} |"
    left = [each - lost for each, lost in zip(minimums, fullest, strict=True)]
    yield (
        "| Replicas left when that zone fails | minimum − replicas in the fullest zone | "
        f"{left[0]} | {left[1]} |"
    )
    budgets = [each - few for each, few in zip(minimums, needed, strict=True)]
    yield (
        f"| Disruption budget (`maxUnavailable`) | minimum − needed | {budgets[0]} | {budgets[1]} |"
    )
    yield f"| CPU target | {peak}% × (zones − 1) / zones | {target}% | {target}% |"
    headroom = [headroom_per_zone(each, zones) for each in minimums]
    yield (
        "| Headroom in each zone, in pods | ⌈replicas in the fullest zone / (zones − 1)⌉ | "
        f"{headroom[0]} | {headroom[1]} |"
    )
    toleration = web.toleration_seconds.unreachable
    yield f"Pods stay on an unresponsive node for {toleration} seconds after Kubernetes has"
    nodes = sum(nodes_at_rest(zone_model_of(settings)).values())
    yield from _zone_failure(toleration, nodes, target, minimums[0], fullest[0])
    yield f"it stops only if more than {max_unready_percentage(zones)}% of the nodes are not ready"
    two = minimum_replicas(needed[0], zones - 1)
    yield f"| Minimum replicas of `web` | {minimums[0]} | {two} |"
    yield f"| CPU target | {target}% | {cpu_target(zones - 1)}% |"
    yield (
        f"| Headroom for `web` in each zone | {headroom_of(settings).pods['web']} pod | "
        f"{headroom_per_zone(two, zones - 1)} pods |"
    )
    yield f"startup + {seconds_until_ready(0)} s at most"
    yield from _node()


def _zone_failure(
    toleration: int, zone_nodes: int, target: int, minimum: int, lost: int
) -> Iterator[str]:
    """Yields the rows of the timeline of a zone's failure."""
    yield (f"| {SECONDS_UNTIL_UNHEALTHY} s at most | Two health checks have failed ({UNHEALTHY}). ")
    peak = CPU_PERCENT_AFTER_ZONE_LOSS
    yield (
        f"({minimum - lost} × {peak}% + {lost} × 0%) / {minimum} = {target}%, which is the target"
    )
    nodes = NODES_NOT_READY
    yield f"| {nodes.earliest} to {nodes.latest} s | Kubernetes marks the nodes as unreachable"
    yield (
        f"| {DNS_WITHDRAWN.earliest} to {DNS_WITHDRAWN.latest} s | DNS no longer returns the "
        "address of the load balancer node in the zone: AWS removes the address (assumed: within "
        f"{DNS_WITHDRAWAL} s), and clients resolve the name again after its TTL of {DNS_TTL} s."
    )
    replaced = seconds_to_replacement(zone_nodes, {toleration})
    yield (
        f"| {replaced.earliest} to {replaced.latest} s | If the pods are evicted, after a "
        f"toleration of {toleration} seconds and from one node after another every "
        f"{SECONDS_PER_NODE} seconds, two `web` and one `cache`"
    )


def _node() -> Iterator[str]:
    """Yields the row of the allocatable resources of a node."""
    machine = instance_type("m7i.large")
    assert machine
    disk = prod().pools["general"].disk_gib
    offered = allocatable(machine, pods=machine.max_pods, disk_gib=disk)
    yield f"For an m7i.large with a disk of {disk} GiB:"
    yield (
        f"| **= allocatable** | **{offered.cpu}m** | **{offered.memory} MiB** | "
        f"**{offered.storage} MiB** | **{offered.pods}** |"
    )


def application() -> Iterator[str]:
    """Yields sentences and rows of docs/application.md."""
    settings = prod()
    web, probes = settings.apps["web"], settings.apps["web"].probes
    assert probes.readiness
    assert probes.liveness
    for name, probe, effect in (
        ("readiness | Can the pod serve requests?", probes.readiness, "stops new requests to"),
        ("liveness | Does a restart help?", probes.liveness, "restarts"),
    ):
        what = "the pod" if probe is probes.readiness else "the container"
        yield (
            f"| {name} | {probe.failures} × {probe.period_seconds} s + {probe.timeout_seconds} s = "
            f"{probe.detection_seconds} s | {effect} {what} | TCP connection |"
        )
    end = web.termination
    yield "| 0 | deletion | The AWS Load Balancer Controller deregisters the pod."
    assert end.deregistered == end.pre_stop
    yield f"| {end.deregistered} | deregistered, TERM | The preStop hook has waited for "
    yield f"| {end.last_response} | last in-flight response | A request that began at second "
    yield f"| {end.exit} | exit |"
    yield f"| {end.grace} | KILL |"
    yield f"its Service: {ENDPOINT_DEREGISTRATION} s. | {end.deregistered} s |"
    yield f"| Longest request, R | `longestRequestSeconds` | {end.longest_request} s |"
    yield f"| Shutdown, S | `shutdownSeconds`; default: R | {end.shutdown} s |"
    yield (
        f"| Deregistration delay of the target group | R + {MARGIN} s | "
        f"{end.deregistration_delay} s |"
    )
    yield f"| `terminationGracePeriodSeconds` | preStop + S + {MARGIN} s | {end.grace} s |"
    idle = settings.load_balancer("public").idle_timeout_seconds
    yield f"| `longestRequestSeconds` < `loadBalancing.idleTimeoutSeconds` ({idle} s) |"
    yield f"| Grace period ≤ {SPOT_GRACE} s on a spot pool |"
    yield f"| Grace period ≤ {UPDATE_GRACE} s |"
    yield f"of the load balancer: {UNHEALTHY} = {SECONDS_UNTIL_UNHEALTHY} s."
    startup = probes.startup_seconds
    yield f"receives requests at most {seconds_until_ready(startup)} seconds after its start"
    yield f"The app starts: at most {startup} seconds"
    yield f"One health check of the load balancer succeeds: at most {INTERVAL + TIMEOUT} seconds"
    poll = seconds_until_ready(0) - INTERVAL - TIMEOUT
    yield f"sets the readiness gate of the pod: at most {poll} seconds later"
    zones, pods = len(settings.network.zones), web.replicas.max
    node = settings.autoscaling.node_provision_minutes * 60
    yield f"after {web.progress_deadline(node) + 300:,} seconds for a new app"
    usual = web.rollout_seconds(pods=web.minimum_replicas(zones), surge=zones, node_seconds=node)
    yield f"of the minimum replicas takes: {-(-usual // 60)} minutes for `web`"
    update = web.rollout_seconds(pods=pods, surge=zones, node_seconds=node)
    waves = -(-pods // zones)
    yield f"the timeout is {update:,} seconds: one wait for new nodes, and {waves} waves of pods"


@pytest.mark.parametrize(
    ("page", "figures"), [("scaling", scaling), ("application", application)],
    ids=["scaling", "application"],
)  # fmt: skip
def test_the_figures_of_a_page_are_those_of_the_program(
    page: str, figures: Callable[[], Iterator[str]]
) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    missing = [each for each in figures() if each not in text]
    assert missing == [], f"write in docs/{page}.md"
