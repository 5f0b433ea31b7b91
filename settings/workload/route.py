"""Requests that the load balancer sends to a workload."""

from core.listener_rules import Match
from settings.reading.domains import HostPattern
from settings.reading.names import UrlPath
from settings.reading.section import Section

EVERY_HOST = "*"
"""Host of a route that applies to all hosts."""


class Route(Section):
    """Requests for one host and path. The most specific of all routes receives a request: host
    name before wildcard before all hosts, then exact path before the longest path above."""

    host: HostPattern | None = None
    """Host name of the requests in lowercase, such as `api.example.com`, or a wildcard such as
    `*.example.com` for all names below. With `traffic`, each host gets a DNS record in its hosted
    zone, and a certificate. Default: all hosts that have no route for the path; among them
    `traffic.domain`."""
    path: UrlPath = "/"
    """URL path; the route includes all paths below it."""
    exact: bool = False
    """True: the route does not include paths below `path`. Default: false."""
    internal: bool | None = None
    """True: the internal load balancer sends the requests, to which only the VPC and connected
    networks have access. False: the public one. Default: `expose.internal`."""

    @property
    def match(self) -> Match:
        """Requests that the listener rule of the route matches."""
        return Match(host=self.host or EVERY_HOST, path=self.path, exact=self.exact)
