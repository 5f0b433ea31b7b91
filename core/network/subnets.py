"""The address plan of a cell's VPC.

Every zone owns one eighth of each network, chosen by the letter its name ends with, so that a
zone's subnets never move: not when zones are added, removed or listed in another order.

    VPC /16   ├─ a /19 ─┬─ private       /20   nodes and pods
              │         ├─ public        /22   load balancers, NAT gateways
              │         ├─ (spare)
              │         └─ control plane /28   network interfaces of the EKS control plane
              ├─ b /19 …
    pods /16  ├─ a /19     pods, where they have a network of their own
              ├─ b /19 …
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network

LARGEST_VPC = 16
"""Shortest prefix that AWS lets a VPC have (VPC user guide, "VPC CIDR blocks")."""

SMALLEST_VPC = 20
"""Longest prefix that still gives each zone 256 private addresses and 64 public ones."""

SHARED = "100.64.0.0/10"
"""Addresses that pods can have to themselves: nobody else routes them (RFC 6598), and AWS adds them
to a VPC whatever its own.
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions"""

LARGEST_PODS = 16
"""Shortest prefix that AWS adds to a VPC."""

SMALLEST_PODS = 18
"""Longest prefix that gives each zone 2,048 addresses."""

ZONE_LETTERS = "abcdefgh"
"""One letter a slot: no region has a zone beyond these."""

_CONTROL_PLANE_PREFIX = 28
_ZONE = re.compile(rf"(?P<region>[a-z]{{2}}(?:-[a-z]+)+-[0-9])(?P<letter>[{ZONE_LETTERS}])")


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The CIDR blocks of one zone."""

    private: str
    public: str
    control_plane: str


def region_of(zone: str) -> str | None:
    """The region of an availability zone's name, or None if it is not such a name.

    Local and wavelength zones (us-west-2-lax-1a) are no availability zones here: EKS can put no
    control plane into them and a NAT gateway not into all.
    """
    match = _ZONE.fullmatch(zone)
    return match["region"] if match else None


def zone_subnets(cidr: str, zone: str) -> ZoneSubnets:
    """The subnets of `zone` in the VPC `cidr`.

    `cidr` is an IPv4 network with a prefix of 16 to 20 bits. Raises ValueError if the prefix or
    the zone's name is outside of what the plan covers.
    """
    private, rest = _eighth(cidr, zone, LARGEST_VPC, SMALLEST_VPC).subnets(prefixlen_diff=1)
    public = next(rest.subnets(prefixlen_diff=2))
    control_plane = IPv4Network((int(rest.broadcast_address) - 15, _CONTROL_PLANE_PREFIX))
    return ZoneSubnets(private=str(private), public=str(public), control_plane=str(control_plane))


def every_public(cidr: str) -> list[str]:
    """The public subnet of every zone that the VPC `cidr` has, or can come to have."""
    return [zone_subnets(cidr, f"of-any-1{letter}").public for letter in ZONE_LETTERS]


def pod_subnet(cidr: str, zone: str) -> str:
    """The subnet of `zone` in the pods' own network `cidr`, of 16 to 18 bits.

    Raises ValueError like `zone_subnets`.
    """
    return str(_eighth(cidr, zone, LARGEST_PODS, SMALLEST_PODS))


def _eighth(cidr: str, zone: str, largest: int, smallest: int) -> IPv4Network:
    """What a zone owns of a network with a prefix of `largest` to `smallest` bits."""
    network = IPv4Network(cidr)
    match = _ZONE.fullmatch(zone)
    if match is None:
        raise ValueError(f"{zone!r} is not the name of an availability zone")
    if not largest <= network.prefixlen <= smallest:
        raise ValueError(f"{cidr}: the prefix must be /{largest} to /{smallest}")
    return list(network.subnets(prefixlen_diff=3))[ZONE_LETTERS.index(match["letter"])]
