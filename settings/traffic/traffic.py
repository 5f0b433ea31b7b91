"""`ha-eks:traffic`: the record of this cell in a domain that several cells share."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_HOSTED_ZONE = re.compile(r"Z[A-Z0-9]{1,31}")


def _domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value) or len(value) > 253:
        raise refuse("must be a domain name in lowercase, such as app.example.com")
    return value


def _hosted_zone(value: str) -> str:
    if not _HOSTED_ZONE.fullmatch(value):
        raise refuse("must be the ID of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ")
    return value


class Traffic(Section):
    """The Route 53 record of this cell. All cells that share a domain must have the same policy."""

    domain: Annotated[str, AfterValidator(_domain)]
    """Domain name of the application in lowercase, such as `app.example.com`. Required."""
    hosted_zone_id: Annotated[str, AfterValidator(_hosted_zone)]
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
