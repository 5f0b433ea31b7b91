"""Type of the networks from which clients send requests."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator

from settings.reading.section import refuse


def _source_range(value: str) -> str:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise refuse(
            "must be a network in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32"
        ) from None
    if value != str(network):
        raise refuse(f"must be in CIDR notation without host bits; write {network}")
    return value


SourceRange = Annotated[str, AfterValidator(_source_range)]
"""An IPv4 or IPv6 network in CIDR notation without host bits."""
