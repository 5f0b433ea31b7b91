"""A load balancer whose hosts and health checks are given, instead of derived from routes."""

from collections.abc import Sequence
from dataclasses import dataclass

from settings.load_balancing.load_balancer import LoadBalancer


@dataclass(frozen=True, kw_only=True)
class GivenBalancer(LoadBalancer):
    """A load balancer with given hosts, deciding apps and health paths."""

    given_hosts: Sequence[str] = ()
    given_apps: Sequence[str] = ()
    given_paths: dict[str, str]

    @property
    def hosts(self) -> tuple[str, ...]:
        """The given hosts."""
        return tuple(self.given_hosts)

    @property
    def health_check_apps(self) -> tuple[str, ...]:
        """The given apps, or those with a health path."""
        return tuple(self.given_apps or self.given_paths)

    @property
    def health_paths(self) -> dict[str, str]:
        """The given paths."""
        return self.given_paths
