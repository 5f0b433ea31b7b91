"""Routes of all exposed workloads, and the requests that each workload receives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from core.listener_rules import LOAD_BALANCER, Match
from settings.stack import Settings
from settings.workload.connections import Expose


@dataclass(frozen=True, kw_only=True)
class WrittenRoute:
    """A route of a workload."""

    workload: str
    """Name of the workload."""
    key: str
    """Key of the stack file."""
    match: Match
    """Requests that the route receives."""


def written_routes(settings: Settings, *, internal: bool) -> Iterator[WrittenRoute]:
    """Yields all routes of the public or the internal load balancer."""
    for name, expose in settings.exposed.items():
        for index, route in enumerate(expose.all_routes):
            path = f"expose.routes[{index}]" if expose.routes else "expose.path"
            if route.internal is internal:
                key = settings.key_of(name, path)
                yield WrittenRoute(workload=name, key=key, match=route.match)


def receivers(exposed: Mapping[str, Expose], health_paths: Mapping[str, str]) -> dict[Match, str]:
    """Returns the workload that receives the requests of each match.

    Route 53 requests `health_paths`, by workload, at the DNS name of the load balancer. A workload
    that does not receive all requests for its health path gets a route for this name and path.
    """
    found = {route.match: name for name, each in exposed.items() for route in each.all_routes}
    for name, path in health_paths.items():
        if not exposed[name].serves_every_host or exposed[name].source_ranges:
            found.setdefault(_health_match(path), name)
    return found


def listener_matches(
    exposed: Mapping[str, Expose], health_paths: Mapping[str, str]
) -> dict[Match, str | None]:
    """Returns the workload that receives the requests of each match; None: status 403.

    A route of a workload with source ranges is a match for each range, and one for other clients.
    """
    checked = {_health_match(path) for path in health_paths.values()}
    found: dict[Match, str | None] = {}
    for match, name in receivers(exposed, health_paths).items():
        ranges = exposed[name].source_ranges if match not in checked else None
        found |= {replace(match, source=each): name for each in ranges or ()}
        found[match] = None if ranges else name
    return found


def _health_match(path: str) -> Match:
    return Match(host=LOAD_BALANCER, path=path, exact=True)
