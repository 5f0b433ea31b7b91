"""Room in a subnet: how many addresses nodes and their pods take at most.

https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md
https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from core.facts.instance_types import InstanceType

RESERVED = 5
"""Addresses of every subnet that AWS keeps.
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""

LOAD_BALANCER = 8
"""Addresses that a load balancer wants free in each of its subnets.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""

_PREFIX = 16
"""Addresses of a prefix that VPC CNI delegates, a /28."""

_WARM_PREFIXES = 1


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Addresses that a node takes at most."""

    node: int
    """Of the subnet that it is in."""
    pods: int
    """Of its pods' own subnet; 0 where they have none."""


def usable(cidr: str) -> int:
    """Addresses of a subnet that can be taken."""
    return IPv4Network(cidr).num_addresses - RESERVED


def node_addresses(instance: InstanceType, *, own_subnet: bool, prefixes: bool) -> Taken:
    """What a node takes when it is full, in each mode of VPC CNI.

    Its pods' addresses come from all of its interfaces; with a subnet of their own (`own_subnet`)
    not from the first, whose only address is the node's. They are taken an interface at a time,
    with `prefixes` a prefix at a time and one ahead.
    """
    interfaces = instance.network_interfaces - own_subnet
    if prefixes:
        each = instance.addresses_per_interface - 1  # the first is the interface's own
        wanted = -(-instance.pod_cap // _PREFIX) + _WARM_PREFIXES
        taken = min(wanted, interfaces * each)
        addresses = taken * _PREFIX + -(-taken // each)
    else:
        addresses = interfaces * instance.addresses_per_interface
    return Taken(node=1, pods=addresses) if own_subnet else Taken(node=addresses, pods=0)


def addresses_for_pods(instance: InstanceType) -> int:
    """Addresses of a node's pods where they have a subnet of their own, and no prefixes."""
    return (instance.network_interfaces - 1) * (instance.addresses_per_interface - 1)


def pods_allowed(types: Sequence[InstanceType]) -> int:
    """Pods that EKS may let onto a node of a group with some types, without prefixes.

    The least of its types. Whether EKS takes off the first interface's, which has no addresses for
    pods in a subnet of their own, is written nowhere; here it does not.
    https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html#max-pods-precedence
    """
    return min(min(each.max_pods, each.pod_cap) for each in types)


def nodes_in_a_zone(per_zone: int, *, unavailable: int, zones: int, spanning: bool) -> int:
    """Nodes of a pool in one zone at most: while an update adds its own, and a zone is lost.

    `per_zone` is the pool's maximum, `unavailable` how many nodes of a group an update takes at
    once. EKS adds twice as many nodes as a group has zones, or as many as it takes at once if
    those are more. Groups that span all `zones` put a lost zone's nodes into the others; a group
    of one zone stays as it is.
    https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
    """
    of_group = zones if spanning else 1
    most = per_zone * of_group
    most += max(2 * of_group, unavailable)
    return -(-most // (zones - 1)) if spanning else most
