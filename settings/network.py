"""`ha-eks:network`: the VPC of the cell."""

from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.subnets import LARGEST_VPC, SMALLEST_VPC, ZONE_LETTERS, region_of
from settings.section import Section, Unique, refuse


def _network(value: str) -> str:
    try:
        if value != str(IPv4Network(value)):
            raise refuse(f"CIDR notation such as {IPv4Network(value)}")
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise refuse(f"an IPv4 network such as 10.0.0.0/16 ({error})") from error
    return value


def _vpc(value: str) -> str:
    prefix = IPv4Network(_network(value)).prefixlen
    if not LARGEST_VPC <= prefix <= SMALLEST_VPC:
        too = "small" if prefix > SMALLEST_VPC else "large"
        raise refuse(
            f"/{LARGEST_VPC} to /{SMALLEST_VPC} (/{prefix} is too {too}: "
            "each zone's nodes and pods share a sixteenth of it)"
        )
    return value


def _zone(value: str) -> str:
    if region_of(value) is None:
        raise refuse(f"an availability zone such as us-east-1a (letters {ZONE_LETTERS})")
    return value


Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 network in CIDR notation, host bits zero."""

Zone = Annotated[str, AfterValidator(_zone)]
"""The name of an availability zone."""


class Network(Section):
    """The VPC, its subnets and how they reach the internet."""

    cidr: Annotated[str, AfterValidator(_vpc)] = "10.0.0.0/16"
    """Addresses of the VPC, /16 to /20. Fixed at creation."""

    zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=6), Unique]
    """Zones with nodes, 2 to 6, 3 advised: the loss of one of three leaves two thirds."""

    control_plane_zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=3), Unique]
    """Zones of the control plane's network interfaces, 2 or 3. Fixed at creation: AWS lets a
    cluster's subnets move only within the zones given then, so they do not follow `zones`.
    https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html"""

    nat: Literal["perZone", "single"] = "perZone"
    """A NAT gateway in each zone, or one for all: cheaper, and with its zone goes the way out."""
