"""`ha-eks:traffic`: the records of this cell in domains that several cells share."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from settings.reading.domains import Domain, HostedZoneId
from settings.reading.section import Section


class Names(Section):
    """A domain and its hosts, with their hosted zones."""

    domain: Domain
    """Domain name of the application in lowercase, such as `apps.corp.example.com`. Required."""
    hosted_zone_id: HostedZoneId | None = None
    """ID of the private hosted zone that contains the domain, such as `Z0123456789ABCDEFGHIJ`,
    which you associate with the VPCs of the clients. Default: the program creates a private hosted
    zone of the domain for the VPC of the cell."""
    zones: dict[Domain, HostedZoneId] = Field(default_factory=dict[str, str])
    """IDs of further hosted zones by domain name, such as `{example.org:
    Z0123456789ABCDEFGHIJ}`. They contain the records of hosts that are not below `domain`. Default:
    none."""

    def zone_ids(self, hosts: Iterable[str]) -> set[str]:
        """Returns the IDs of the existing hosted zones that contain the domain and the hosts."""
        zones = {self.zone_of(host) for host in (self.domain, *hosts)}
        return {zone for zone in zones if zone}

    def zone_of(self, host: str) -> str | None:
        """Returns the ID of the existing hosted zone that contains a host; None: a new one or no
        known one."""
        zones = {**self.zones, self.domain: self.hosted_zone_id}
        name = self.zone_name_of(host)
        return zones[name] if name else None

    def zone_name_of(self, host: str) -> str | None:
        """Returns the name of the hosted zone that contains a host; None: no known zone does.

        The zone of the domain is named by the domain, although it can be a zone above.
        """
        name = host.removeprefix("*.")
        above = [zone for zone in (*self.zones, self.domain) if f".{name}".endswith(f".{zone}")]
        return max(above, key=len, default=None)


class Traffic(Section):
    """Route 53 records of this cell. All cells that share a domain must have the same policy."""

    domain: Domain | None = None
    """Domain name of the application in lowercase, such as `app.example.com`; its record leads to
    the public load balancer. Required unless all routes are internal."""
    hosted_zone_id: HostedZoneId | None = None
    """ID of the public Route 53 hosted zone that contains the domain, such as
    `Z0123456789ABCDEFGHIJ`. Required with `domain`."""
    policy: Literal["failover", "weighted", "latency"]
    """Routing policy, by which Route 53 selects one of the healthy cells. `failover`: the primary
    cell, or the secondary cell if the primary cell is unhealthy. `weighted`: each cell in
    proportion to its `weight`. `latency`: the cell with the lowest latency for the client. For
    the only cell of a domain, write `weighted` and a weight of 1 or more. Required."""
    role: Literal["primary", "secondary"] | None = None
    """Role of this cell. Required with `policy: failover`, refused otherwise."""
    weight: Annotated[int, Field(ge=0, le=255)] | None = None
    """Weight of this cell, 0 to 255. The share of the requests is the weight divided by the sum of
    the weights of all healthy cells. Required with `policy: weighted`, refused otherwise."""
    drained: bool = False
    """True: the health check of this cell always reports unhealthy, so that Route 53 sends requests
    to other cells during planned maintenance. Default: false."""
    failback: Literal["automatic", "manual"] | None = None
    """End of a failover that lasted 3 minutes or longer. `manual`: the primary cell receives
    requests again after `make failback`; until then only if the secondary cell is unhealthy.
    `automatic`: the primary cell receives requests again as soon as its health checks succeed;
    suitable for a cell without a secondary cell. Allowed only with `role: primary`. Default:
    `manual`."""
    zones: dict[Domain, HostedZoneId] = Field(default_factory=dict[str, str])
    """IDs of further hosted zones by domain name, such as `{example.org:
    Z0123456789ABCDEFGHIJ}`. They contain the records of hosts in `expose.routes` that are not
    below `domain`. Default: none."""
    internal: Names | None = None
    """The domain of the internal load balancer, with the policy, role and health of this section.
    Can be the same domain, which the VPC then resolves to the internal load balancer. Default: no
    records for the internal load balancer."""

    @property
    def fails_back_manually(self) -> bool:
        """True if the cell serves again only when a person ends its failover."""
        return self.role == "primary" and self.failback != "automatic"

    @property
    def public(self) -> Names | None:
        """The domain of the public load balancer."""
        if self.domain is None:
            return None
        return Names.model_construct(
            domain=self.domain, hosted_zone_id=self.hosted_zone_id, zones=self.zones
        )

    @property
    def main(self) -> Names:
        """The domain of the public load balancer, or of the internal one if it is the only one.

        Raises ValueError without a domain, which the rules refuse.
        """
        names = self.public or self.internal
        if names is None:
            raise ValueError("traffic has no domain")
        return names

    @property
    def domains(self) -> str:
        """The domains of this section, for messages."""
        names = (self.domain, self.internal and self.internal.domain)
        return " and ".join(dict.fromkeys(name for name in names if name))
