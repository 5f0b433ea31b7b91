"""`ha-eks:network`: the VPC and the zones of the cell."""

import re
from ipaddress import IPv4Network
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
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise refuse("must be an IPv4 network in CIDR notation, such as 10.0.0.0/16") from None
    if value.partition("/")[0] != str(network.network_address):
        raise refuse(f"the address has host bits after the prefix; write {network}")
    if value != str(network):
        raise refuse(f"must be in CIDR notation; write {network}")
    return value


def _vpc(value: str) -> str:
    prefix = IPv4Network(_network(value)).prefixlen
    if prefix < LARGEST_VPC:
        raise refuse(
            f"a /{prefix} is larger than AWS allows for a VPC; write a /{LARGEST_VPC} to "
            f"/{SMALLEST_VPC}"
        )
    if prefix > SMALLEST_VPC:
        raise refuse(
            f"a /{prefix} is too small, because nodes and pods of each zone have a sixteenth of "
            f"the addresses; write a /{LARGEST_VPC} to /{SMALLEST_VPC}"
        )
    return value


def _pods(value: str) -> str:
    network = IPv4Network(_network(value))
    inside = network.subnet_of(IPv4Network(SHARED_ADDRESS_SPACE))
    if not inside or not LARGEST_PODS <= network.prefixlen <= SMALLEST_PODS:
        raise refuse(
            f"must be a /{LARGEST_PODS} to /{SMALLEST_PODS} inside {SHARED_ADDRESS_SPACE}, such as "
            f"100.64.0.0/{LARGEST_PODS}"
        )
    return value


def _vpc_id(value: str) -> str:
    if not _VPC_ID.fullmatch(value):
        raise refuse("must be the ID of a VPC, such as vpc-0123456789abcdef0")
    return value


def _subnet_id(value: str) -> str:
    if not _SUBNET_ID.fullmatch(value):
        raise refuse("must be the ID of a subnet, such as subnet-0123456789abcdef0")
    return value


def _zone(value: str) -> str:
    if region_of(value) is None:
        raise refuse(
            "must be an Availability Zone such as us-east-1a, with a letter from "
            f"{ZONE_LETTERS[0]} to {ZONE_LETTERS[-1]}"
        )
    return value


Cidr = Annotated[str, AfterValidator(_network)]
"""An IPv4 network in CIDR notation without host bits, such as `10.0.0.0/16`."""

Zone = Annotated[str, AfterValidator(_zone)]
"""Name of an Availability Zone, such as `us-east-1a`."""


Subnets = dict[Zone, Annotated[str, AfterValidator(_subnet_id)]]
"""Subnet IDs by zone."""

Nat = Literal["perZone", "regional", "single", "none"]


class Pods(Section):
    """The addresses of pods."""

    cidr: Annotated[str, AfterValidator(_pods)] | None = None
    """Separate network for pods, a /16 to /18 inside `100.64.0.0/10`, which is added to the VPC as
    a secondary CIDR block. Must not overlap with `network.cidr`. Existing nodes keep their pod
    addresses until the nodes are replaced. Default: none, so that pods use addresses of the subnet
    of their node."""

    prefix_delegation: bool = False
    """True: VPC CNI assigns addresses to nodes in blocks of 16. More pods run on a node, and each
    node uses more addresses. Half of each subnet for pods is reserved for these blocks; in an
    existing VPC, reserve a part of the private subnets yourself. Only for Nitro instances. Default:
    false.
    https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html"""


class FlowLogs(Section):
    """VPC flow logs in CloudWatch."""

    traffic: Literal["REJECT", "ALL", "none"] = "REJECT"
    """Logged traffic. `REJECT`: traffic that security groups or network ACLs reject. `ALL`: all
    traffic. `none`: no flow logs. Default: `REJECT`."""

    retention_days: RetentionDays = 30
    """Retention of the flow logs in days, one of the values that CloudWatch supports.
    Default: 30."""

    aggregation_seconds: Literal[60, 600] = 600
    """Maximum aggregation interval of a flow log record in seconds, 60 or 600. Default: 600."""


class Existing(Section):
    """An existing VPC.

    The VPC must have DNS host names, and its subnets the routes and endpoints that the cell needs.
    """

    vpc_id: Annotated[str, AfterValidator(_vpc_id)]
    """ID of the VPC, such as `vpc-0123456789abcdef0`. Required."""

    private_subnets: Subnets
    """Subnets for nodes and pods: a subnet ID for each zone of `zones` and no other zone. The
    subnet of a zone cannot be changed while the zone has nodes. Required."""

    public_subnets: Subnets = Field(default_factory=dict[str, str])
    """Subnets for the public load balancer: a subnet ID for each zone of `zones` and no other zone.
    A public subnet cannot be a private subnet too. Required unless all routes are internal."""

    internal_subnets: Subnets = Field(default_factory=dict[str, str])
    """Subnets for the internal load balancer: a subnet ID for each zone of `zones` and no other
    zone. Required if a route is internal, refused otherwise."""

    control_plane_subnets: Subnets
    """Subnets for the network interfaces of the control plane: a subnet ID for each zone of
    `controlPlaneZones` and no other zone. Required."""


class Network(Section):
    """The VPC, its subnets and their connection to the internet."""

    cidr: Annotated[str, AfterValidator(_vpc)] = "10.0.0.0/16"
    """IPv4 network of the VPC, a /16 to /20. Cannot be changed after the VPC has been created.
    Default: `10.0.0.0/16`."""

    zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=6), Unique]
    """Availability Zones that have nodes, 2 to 6. Three zones are recommended: if one of three
    zones fails, two thirds of the capacity remain. Required."""

    zones_out: Annotated[tuple[Zone, ...], Unique] = ()
    """Zones of `zones` that are out of service for a long time. The other zones get the headroom
    and the minimum number of nodes of these zones, and replicas are calculated for the other zones.
    At least one zone must remain. Default: none."""

    control_plane_zones: Annotated[tuple[Zone, ...], Field(min_length=2, max_length=3), Unique]
    """Availability Zones of the network interfaces of the control plane, 2 or 3. Cannot be changed
    after the cluster has been created, because AWS allows new subnets of a cluster only in its
    original zones. Therefore these zones are independent of `zones`. Required.
    https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html"""

    nat: Nat = "perZone"
    """Connection of private subnets to the internet. `perZone`: one NAT gateway in each zone.
    `regional`: one regional NAT gateway, which AWS extends to every zone that has nodes. `single`:
    one NAT gateway, which costs less and is a single point of failure: if its zone fails, no zone
    reaches the internet. `none`: no NAT; private subnets reach only the services in `endpoints`.
    Default: `perZone`.
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html"""

    endpoints: Annotated[tuple[Service, ...], Unique] = ()
    """AWS services that private subnets reach through interface endpoints in every zone, such as
    `[ecr.api, ecr.dkr]`. S3 always has a gateway endpoint. With `nat: none`, all services that the
    nodes and the system need are required. Default: none."""

    pods: Pods = Pods()
    """Addresses of pods. Default: pods use addresses of the subnet of their node."""

    flow_logs: FlowLogs = FlowLogs()
    """VPC flow logs. Default: rejected traffic, with a retention of 30 days."""

    existing: Existing | None = None
    """An existing VPC, in which the program creates the cell. The program then creates no network
    resources, and `cidr`, `nat`, `endpoints`, `flowLogs` and `pods.cidr` are not allowed. Default:
    the program creates a VPC."""

    @property
    def zones_in(self) -> tuple[str, ...]:
        """Zones that are in service: `zones` without `zones_out`."""
        return tuple(zone for zone in self.zones if zone not in self.zones_out)

    @property
    def effective_zones(self) -> int:
        """Number of zones for which replicas, CPU targets and headroom are calculated.

        The number of zones in service. If only one zone is in service, the number of all zones.
        """
        return len(self.zones_in) if len(self.zones_in) > 1 else len(self.zones)
