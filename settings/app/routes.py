"""Routes of all exposed workloads, and the requests that each workload receives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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


def written_routes(settings: Settings) -> Iterator[WrittenRoute]:
    """Yields all routes."""
    for name, expose in settings.exposed.items():
        for index, route in enumerate(expose.all_routes):
            path = f"expose.routes[{index}]" if expose.routes else "expose.path"
            yield WrittenRoute(workload=name, key=settings.key_of(name, path), match=route.match)


def receivers(exposed: Mapping[str, Expose], health_paths: Mapping[str, str]) -> dict[Match, str]:
    """Returns the workload that receives the requests of each match.

    Route 53 requests `health_paths`, by workload, at the DNS name of the load balancer. A workload
    without a route for all hosts gets a route for this name and its health path.
    """
    found = {route.match: name for name, each in exposed.items() for route in each.all_routes}
    for name, path in health_paths.items():
        if not exposed[name].serves_every_host:
            found.setdefault(Match(host=LOAD_BALANCER, path=path, exact=True), name)
    return found
