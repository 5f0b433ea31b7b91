"""Routes of all exposed workloads, with their keys in the stack file."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.listener_rules import Match
from settings.stack import Settings


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
