"""Gray failure of a zone: real HTTP servers of one zone respond late, or do not respond."""

from collections.abc import Iterator, Sequence

from core.availability.health_checks import SECONDS_UNTIL_UNHEALTHY, TIMEOUT
from core.availability.zone_impairment import (
    fails_health_checks,
    retransmission_probability,
    slow_share,
)
from tools.drills.drill import Drill
from tools.drills.result import Result
from tools.drills.scenarios.termination import slowest_exposed_app
from tools.drills.termination.impaired import (
    LATENCY,
    LOSS,
    LOSSY,
    SLOW,
    SLOWER,
    UNRESPONSIVE,
    Impaired,
    run_impaired,
)
from tools.drills.termination.load import Response
from tools.toolchain import HAPROXY, VEGETA

_SCENARIO = "zone impaired"

_UNCERTAIN = 1.25
"""Factor by which a share of random events may exceed the computed one."""


def zone_impaired(drill: Drill) -> Iterator[Result]:
    """Impairs the pods of one zone: latency, lost packets, no responses; takes the zone out."""
    name, _, expose = slowest_exposed_app(drill)
    zones = drill.settings.network.zones_in
    pods = [1] * len(zones)
    folder = drill.folder / "impairment"
    folder.mkdir()
    seen = run_impaired(
        pods,
        failed_check=TIMEOUT,
        algorithm=expose.algorithm,
        haproxy=drill.programs[HAPROXY.name],
        vegeta=drill.programs[VEGETA.name],
        folder=folder,
    )
    yield from results(f"{zones[0]}: {name}", pods, seen)


def results(subject: str, pods: Sequence[int], seen: Impaired) -> Iterator[Result]:
    """Yields the share of slow requests, before and after the zone is taken out, and the pods that
    fail their health checks."""
    for group, cause, probability, latency in (
        (SLOWER, f"responses {LATENCY:.0f}s later", 1.0, LATENCY),
        (LOSSY, f"{LOSS:.0%} of packets lost", retransmission_probability(LOSS), 0.0),
    ):
        computed = slow_share(impaired=pods[0], pods=sum(pods), probability=probability)
        before, after = seen.before[group], seen.after[group]
        yield Result(
            scenario=_SCENARIO,
            subject=f"{subject}: {cause}",
            bound="at most",
            computed=100 * computed,
            unit="% of requests are slow",
            seen=_slow_percent(before),
            detail=f"of {len(before)}; zone out: {_slow_percent(after):.0f}%",
            tolerance=_UNCERTAIN,
        )
        yield Result(
            scenario=_SCENARIO,
            subject=f"{subject}: {cause}",
            bound="at most",
            computed=pods[0] if fails_health_checks(latency) else 0,
            unit="pods fail their health checks",
            seen=seen.unhealthy[group],
            detail="health checks do not see it: take the zone out",
        )
    yield Result(
        scenario=_SCENARIO,
        subject=f"{subject}: no responses",
        bound="at most",
        computed=SECONDS_UNTIL_UNHEALTHY,
        unit="s until the pods receive no requests",
        seen=seconds_until_unused(seen),
        detail=f"{sum(map(_is_slow, seen.before[UNRESPONSIVE]))} requests without a response",
    )


def seconds_until_unused(seen: Impaired) -> float:
    """Returns the seconds from the last response of the pods to the last request to them."""
    return max(
        (each.sent - seen.stopped for each in seen.before[UNRESPONSIVE] if _waits(each)),
        default=0.0,
    )


def _waits(response: Response) -> bool:
    """True if a pod responds only after its health checks have failed, or not at all."""
    return not response.ok or response.seconds >= TIMEOUT


def _is_slow(response: Response) -> bool:
    return response.seconds >= SLOW


def _slow_percent(responses: Sequence[Response]) -> float:
    return 100 * sum(map(_is_slow, responses)) / max(1, len(responses))
