"""`ha-eks:traffic`: the record of this cell in a domain that several cells share."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from settings.reading.domains import Domain, HostedZoneId
from settings.reading.section import Section


class Traffic(Section):
    """The Route 53 record of this cell. All cells that share a domain must have the same policy."""

    domain: Domain
    """Domain name of the application in lowercase, such as `app.example.com`. Required."""
    hosted_zone_id: HostedZoneId
    """ID of the public Route 53 hosted zone that contains the domain, such as
    `Z0123456789ABCDEFGHIJ`. Required."""
    policy: Literal["failover", "weighted", "latency"]
    """Routing policy, by which Route 53 selects one of the healthy cells. `failover`: the primary
    cell, or the secondary cell if the primary cell is unhealthy. `weighted`: each cell in
    proportion to its `weight`. `latency`: the cell with the lowest latency for the client.
    Required."""
    role: Literal["primary", "secondary"] | None = None
    """Role of this cell. Required with `policy: failover`, refused otherwise."""
    weight: Annotated[int, Field(ge=0, le=255)] | None = None
    """Weight of this cell, 0 to 255. The share of the requests is the weight divided by the sum of
    the weights of all healthy cells. Required with `policy: weighted`, refused otherwise."""
    drained: bool = False
    """True: the health check of this cell always reports unhealthy, so that Route 53 sends requests
    to other cells during planned maintenance. Default: false."""
    zones: dict[Domain, HostedZoneId] = Field(default_factory=dict[str, str])
    """IDs of further public hosted zones by domain name, such as `{example.org:
    Z0123456789ABCDEFGHIJ}`. They contain the records of hosts in `expose.routes` that are not
    below `domain`. Default: none."""

    def zone_ids(self, hosts: Iterable[str]) -> set[str]:
        """Returns the IDs of the hosted zones that contain the domain and the hosts."""
        zones = {self.zone_of(host) for host in (self.domain, *hosts)}
        return {zone for zone in zones if zone}

    def zone_of(self, host: str) -> str | None:
        """Returns the ID of the hosted zone that contains a host; None: no known zone does."""
        zones = {**self.zones, self.domain: self.hosted_zone_id}
        name = host.removeprefix("*.")
        above = [zone for zone in zones if f".{name}".endswith(f".{zone}")]
        return zones[max(above, key=len)] if above else None
