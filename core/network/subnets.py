"""The subnet CIDR blocks of a cell's VPC.

Each zone has one eighth of each network. The last letter of the zone's name selects the eighth, so
that the subnets of a zone never change when zones are added, removed or listed in another order.

    VPC /16   ├─ a /19 ─┬─ private       /20   nodes and pods
              │         ├─ public        /22   load balancers, NAT gateways
              │         ├─ internal      /22   internal load balancer, if the cell has one
              │         ├─ (unused)
              │         └─ control plane /28   network interfaces of the EKS control plane
              ├─ b /19 …
    pods /16  ├─ a /19     pods, if they have a separate network
              ├─ b /19 …
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

LARGEST_VPC = 16
"""Prefix length of the largest VPC that AWS allows (VPC user guide, "VPC CIDR blocks")."""

SMALLEST_VPC = 20
"""Prefix length of the smallest VPC: each zone has 256 private and 64 public addresses."""

SHARED_ADDRESS_SPACE = "100.64.0.0/10"
"""Shared address space of RFC 6598, for pods: these addresses are not routed on the internet, and
AWS allows them as a secondary CIDR block of any VPC.
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html#add-cidr-block-restrictions"""

LARGEST_PODS = 16
"""Prefix length of the largest secondary CIDR block that AWS adds to a VPC."""

SMALLEST_PODS = 18
"""Prefix length of the smallest pod network: each zone has 2,048 addresses."""

ZONE_LETTERS = "abcdefgh"
"""Letters of zones, one for each eighth. No region has a zone with another letter."""

_CONTROL_PLANE_PREFIX = 28
_ZONE = re.compile(rf"(?P<region>[a-z]{{2}}(?:-[a-z]+)+-[0-9])(?P<letter>[{ZONE_LETTERS}])")


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The CIDR blocks of one zone."""

    private: str
    public: str
    internal: str
    control_plane: str


def region_of(zone: str) -> str | None:
    """Returns the region of an availability zone, or None if the name is not that of a zone.

    Local Zones and Wavelength Zones (us-west-2-lax-1a) are not availability zones: EKS cannot place
    a control plane in them, and some of them do not support NAT gateways.
    """
    match = _ZONE.fullmatch(zone)
    return match["region"] if match else None


def zone_subnets(cidr: str, zone: str) -> ZoneSubnets:
    """Returns the subnets of `zone` in the VPC `cidr`.

    `cidr` is an IPv4 network with a prefix length of 16 to 20. Raises ValueError if the prefix
    length is outside this range or `zone` is not the name of an availability zone.
    """
    private, rest = _eighth(cidr, zone, LARGEST_VPC, SMALLEST_VPC).subnets(prefixlen_diff=1)
    public, internal, *_ = rest.subnets(prefixlen_diff=2)
    control_plane = IPv4Network((int(rest.broadcast_address) - 15, _CONTROL_PLANE_PREFIX))
    return ZoneSubnets(
        private=str(private),
        public=str(public),
        internal=str(internal),
        control_plane=str(control_plane),
    )


def all_zone_subnets(cidr: str) -> list[ZoneSubnets]:
    """Returns the subnets of every zone that the VPC `cidr` has or can get."""
    return [zone_subnets(cidr, f"of-any-1{letter}") for letter in ZONE_LETTERS]


def ipv6_subnet(block: str, zone: str, *, internal: bool) -> str:
    """Returns the /64 of the public or internal load balancer in a zone, in the IPv6 block of the
    VPC.

    Raises ValueError if `zone` is not the name of an availability zone.
    """
    match = _ZONE.fullmatch(zone)
    if match is None:
        raise ValueError(f"{zone!r} is not the name of an availability zone")
    networks = IPv6Network(block).subnets(new_prefix=64)
    number = ZONE_LETTERS.index(match["letter"]) + (len(ZONE_LETTERS) if internal else 0)
    return str([*networks][number])


def pod_subnet(cidr: str, zone: str) -> str:
    """Returns the subnet of `zone` in the separate pod network `cidr`, of prefix length 16 to 18.

    Raises ValueError for the same reasons as `zone_subnets`.
    """
    return str(_eighth(cidr, zone, LARGEST_PODS, SMALLEST_PODS))


def prefix_reservation(subnet: str) -> str:
    """Returns the part of a subnet that is reserved for prefixes: the upper half.

    AWS assigns single addresses, such as those of nodes and endpoints, in the lower half only. That
    half always suffices: a node has one single address for each interface, and 16 addresses in each
    prefix.
    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html
    docs/decisions/0056-half-of-a-subnet-is-reserved-for-prefixes.md
    """
    return str(list(IPv4Network(subnet).subnets(prefixlen_diff=1))[1])


def _eighth(cidr: str, zone: str, largest: int, smallest: int) -> IPv4Network:
    """Returns the eighth of a network that belongs to a zone.

    The prefix length of the network must be `largest` to `smallest`.
    """
    network = IPv4Network(cidr)
    match = _ZONE.fullmatch(zone)
    if match is None:
        raise ValueError(f"{zone!r} is not the name of an availability zone")
    if not largest <= network.prefixlen <= smallest:
        raise ValueError(f"{cidr}: the prefix length must be /{largest} to /{smallest}")
    return list(network.subnets(prefixlen_diff=3))[ZONE_LETTERS.index(match["letter"])]
