"""`ha-eks:network`: the VPC of the cell."""

import re
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.facts.vpc_endpoints import Service
from core.network.subnets import (
    LARGEST_PODS,
    LARGEST_VPC,
    SHARED_ADDRESS_SPACE,
    SMALLEST_PODS,
    SMALLEST_VPC,
    ZONE_LETTERS,
    region_of,
)
from settings.observability.retention import RetentionDays
from settings.reading.section import Section, Unique, refuse

_ID = r"(?:[0-9a-f]{8}|[0-9a-f]{17})"
_VPC_ID = re.compile(f"vpc-{_ID}")
_SUBNET_ID = re.compile(f"subnet-{_ID}")


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


def _pods(value: str) -> str:
    network = IPv4Network(_network(value))
    inside = network.subnet_of(IPv4Network(SHARED_ADDRESS_SPACE))
    if not inside or not LARGEST_PODS <= network.prefixlen <= SMALLEST_PODS:
        raise refuse(f"/{LARGEST_PODS} to /{SMALLEST_PODS} inside of {SHARED_ADDRESS_SPACE}")
    return value


def _vpc_id(value: str) -> str:
    if not _VPC_ID.fullmatch(value):
        raise refuse("the id of a VPC such as vpc-0123456789abcdef0")
    return value


def _subnet_id(value: str) -> str:
    if not _SUBNET_ID.fullmatch(value):
        raise refuse("the id of a subnet such as subnet-0123456789abcdef0")
    return value


def _zone(value: str) -> str:
    if region_of(value) is None:
        raise refuse(f"an availability zone such as us-east-1a (letters {ZONE_LETTERS})")
    return value


Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 network in CIDR notation, host bits zero."""

Zone = Annotated[str, AfterValidator(_zone)]
"""The name of an availability zone."""


Subnets = dict[Zone, Annotated[str, AfterValidator(_subnet_id)]]
"""A subnet of each zone, by id."""

Nat = Literal["perZone", "regional", "single", "none"]


class Pods(Section):
    """Where pods have their addresses from."""

    cidr: Annotated[str, AfterValidator(_pods)] | None = None
    """A network of their own, /16 to /18 inside of 100.64.0.0/10, added to the VPC; default: pods
    share their node's subnet. Nodes that are there already keep to what they have."""

    prefix_delegation: bool = False
    """Whether nodes take their pods' addresses in blocks of 16: more pods fit on a node, and a
    node takes more addresses. Nitro instances only.
    https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html"""


class FlowLogs(Section):
    """Which traffic of the VPC is written down."""

    traffic: Literal["REJECT", "ALL", "none"] = "REJECT"
    """What security groups refused, everything, or nothing."""

    retention_days: RetentionDays = 30
    """How long it is kept."""

    aggregation_seconds: Literal[60, 600] = 600
    """How long flows are collected for one record."""


class Existing(Section):
    """A VPC that is there already, with routes, endpoints and DNS host names of its own."""

    vpc_id: Annotated[str, AfterValidator(_vpc_id)]
    """Id of the VPC."""

    private_subnets: Subnets
    """For nodes and pods, by zone: exactly those of `zones`. A zone's subnet stays while it has
    nodes."""

    public_subnets: Subnets
    """For the load balancer, by zone: exactly those of `zones`."""

    control_plane_subnets: Subnets
    """For the control plane, by zone: exactly those of `controlPlaneZones`."""


class Network(Section):
    """The VPC, its subnets and how they reach the internet."""

    cidr: Annotated[str, AfterValidator(_vpc)] = "10.0.0.0/16"
    """Addresses of the VPC, /16 to /20. Fixed at creation."""

    zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=6), Unique]
    """Zones with nodes, 2 to 6, 3 advised: the loss of one of three leaves two thirds."""

    zones_out: Annotated[tuple[Zone, ...], Unique] = ()
    """Zones that are gone for long: what is held there, headroom and minimums of the pools, is
    held in the others, and the claim is made for those."""

    control_plane_zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=3), Unique]
    """Zones of the control plane's network interfaces, 2 or 3. Fixed at creation: AWS lets a
    cluster's subnets move only within the zones given then, so they do not follow `zones`.
    https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html"""

    nat: Nat = "perZone"
    """How private subnets reach the internet: by a NAT gateway in each zone; by a regional one,
    which AWS extends to every zone that has nodes; by a single one, cheaper, and with its zone
    goes the way out; or not at all, and then `endpoints` are all they reach.
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html"""

    endpoints: Annotated[tuple[Service, ...], Unique] = ()
    """AWS services that are reached without NAT, by interface endpoints in every zone. S3 always
    is."""

    pods: Pods = Pods()
    """Where pods have their addresses from."""

    flow_logs: FlowLogs = FlowLogs()
    """Which traffic is written down."""

    existing: Existing | None = None
    """A VPC to use instead of one that is made; then nothing of a network is made."""

    @property
    def zones_in(self) -> tuple[str, ...]:
        """Zones that are there."""
        return tuple(zone for zone in self.zones if zone not in self.zones_out)

    @property
    def effective_zones(self) -> int:
        """Zones that the claim counts with: those that are in; all of them where only one is."""
        return len(self.zones_in) if len(self.zones_in) > 1 else len(self.zones)
