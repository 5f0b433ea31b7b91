"""Formats pod termination and pod readiness for preview."""

from collections.abc import Iterator, Sequence

from core.availability.health_checks import SECONDS_UNTIL_UNHEALTHY, seconds_until_ready
from core.availability.termination import Termination
from settings import Settings


def termination_lines(settings: Settings) -> Iterator[str]:
    """Yields the termination timeline of each workload, and when exposed pods receive
    traffic."""
    for name, app in settings.deployments.items():
        found = events(app.termination, last_event(settings, name))
        timeline = ", ".join(f"{second}s {text}" for second, text in found)
        yield f"{name} pod termination: {timeline}"
    for name, expose in settings.exposed.items():
        ready = seconds_until_ready(settings.served[name].startup_seconds)
        slow = expose.slow_start_seconds
        share = f", and their full share {slow}s later (slow start)" if slow else ""
        yield f"new {name} pods receive traffic within {ready}s{share}"
    if settings.exposed:
        yield (
            "unresponsive pods behind the load balancer receive no new requests after "
            f"{SECONDS_UNTIL_UNHEALTHY}s, even while the AWS Load Balancer Controller is "
            "unavailable"
        )


def last_event(settings: Settings, name: str) -> str | None:
    """Returns the name of the end of the last request or job of a workload; None if the end is
    not known."""
    if name in settings.workers:
        return "end of the longest job"
    return "last in-flight response" if name in settings.served else None


def events(end: Termination, last: str | None) -> Sequence[tuple[int, str]]:
    """Returns the events of a termination in order, events of the same second joined by "and".

    `last` is the name of the end of the longest request or job; None: it has no known time.
    """
    found = (
        (0, "deleted"),
        *([(end.deregistered, "deregistered")] if end.deregistered else []),
        (end.pre_stop, "TERM"),
        *([(end.last_response, last)] if last else []),
        (end.exit, "exit"),
        *([(end.sidecars_exit, "exit of the sidecars")] if end.sidecars else []),
        (end.grace, "KILL"),
    )
    by_second: dict[int, list[str]] = {}
    for second, event in sorted(found, key=lambda each: each[0]):
        by_second.setdefault(second, []).append(event)
    return [(second, " and ".join(each)) for second, each in by_second.items()]
