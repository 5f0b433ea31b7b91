"""`ha-eks:traffic`: this cell's part of a domain that several cells serve."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_HOSTED_ZONE = re.compile(r"Z[A-Z0-9]{1,31}")


def _domain(value: str) -> str:
    if not _DOMAIN.fullmatch(value) or len(value) > 253:
        raise refuse("a domain name in lower case such as app.example.com")
    return value


def _hosted_zone(value: str) -> str:
    if not _HOSTED_ZONE.fullmatch(value):
        raise refuse("the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ")
    return value


class Traffic(Section):
    """The record of this cell; cells that share a domain have one policy."""

    domain: Annotated[str, AfterValidator(_domain)]
    """Name that people use."""
    hosted_zone_id: Annotated[str, AfterValidator(_hosted_zone)]
    """Public hosted zone that holds it."""
    policy: Literal["failover", "weighted", "latency"]
    """How Route 53 chooses among the cells that are healthy."""
    role: Literal["primary", "secondary"] | None = None
    """With `failover`, and only then: which of the two this cell is."""
    weight: Annotated[int, Field(ge=0, le=255)] | None = None
    """With `weighted`, and only then: this cell's share."""
    drained: bool = False
    """Takes this cell out of the domain for planned work, whatever its health."""
