"""Subnet capacity: the addresses that nodes and their pods use at most.

https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md
https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from core.facts.instance_types import HOST_NETWORK_PODS, InstanceType

RESERVED = 5
"""Addresses that AWS reserves in every subnet.
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""

LOAD_BALANCER = 8
"""Free addresses that a load balancer needs in each of its subnets.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""

_PREFIX = 16
"""Addresses in a prefix (/28) that VPC CNI delegates to a node."""

_WARM_PREFIXES = 1
_WARM_INTERFACES = 1


@dataclass(frozen=True, kw_only=True)
class NodeAddresses:
    """The addresses that one node and its pods use at most."""

    node_subnet: int
    """Addresses in the subnet of the node."""
    pod_subnet: int
    """Addresses in the separate subnet of the pods; 0 if pods share the subnet of their node."""


def usable(cidr: str) -> int:
    """Returns the number of addresses in a subnet that AWS does not reserve."""
    return IPv4Network(cidr).num_addresses - RESERVED


def node_addresses(
    instance: InstanceType, *, separate_pod_subnet: bool, prefixes: bool
) -> NodeAddresses:
    """Returns the addresses that a node with its maximum number of pods uses.

    VPC CNI takes pod addresses from all network interfaces of the node. With
    `separate_pod_subnet`, VPC CNI does not use the first interface for pods: the only address of
    that interface is the node's own. VPC CNI allocates the addresses of one interface at a time,
    and one interface in advance; with `prefixes`, one prefix at a time, and one prefix in advance.
    """
    interfaces = instance.network_interfaces - separate_pod_subnet
    each = instance.addresses_per_interface - 1  # the interface itself uses one address
    if prefixes:
        wanted = -(-instance.pod_cap // _PREFIX) + _WARM_PREFIXES
        allocated = min(wanted, interfaces * each)
        addresses = allocated * _PREFIX + -(-allocated // each)
    else:
        pods = max_pods_per_node([instance]) - HOST_NETWORK_PODS
        wanted = -(-pods // each) + _WARM_INTERFACES
        addresses = min(wanted, interfaces) * instance.addresses_per_interface
    if separate_pod_subnet:
        return NodeAddresses(node_subnet=1, pod_subnet=addresses)
    return NodeAddresses(node_subnet=addresses, pod_subnet=0)


def addresses_of_pods(pods: int, *, prefixes: bool) -> int:
    """Returns the addresses that `pods` pods of a node need at least: one each, in whole prefixes
    with `prefixes`."""
    return -(-pods // _PREFIX) * _PREFIX if prefixes else pods


def addresses_for_pods(instance: InstanceType) -> int:
    """Returns the number of pod addresses of a node with a separate pod subnet and no prefixes."""
    return (instance.network_interfaces - 1) * (instance.addresses_per_interface - 1)


def max_pods_per_node(types: Sequence[InstanceType]) -> int:
    """Returns the maximum number of pods that EKS may set for a node group of several types.

    The result is the smallest maximum of the types, without prefixes. With a separate pod subnet,
    the first network interface has no addresses for pods. AWS does not document whether EKS
    subtracts these addresses from the maximum; this function does not subtract them.
    https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html#max-pods-precedence
    """
    return min(min(each.max_pods, each.pod_cap) for each in types)


def max_nodes_per_zone(per_zone: int, *, max_unavailable: int, zones: int, spanning: bool) -> int:
    """Returns the maximum number of nodes of a pool in one zone, during an update.

    `per_zone` is the pool's maximum per zone, `max_unavailable` the number of nodes of a node
    group that an update replaces at once. During an update, EKS adds the larger of
    `max_unavailable` and twice the number of zones of the node group. If a zone fails, a node
    group that spans all `zones` moves the nodes of the failed zone to the other zones. A node
    group of one zone does not move nodes.
    https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
    """
    group_zones = zones if spanning else 1
    nodes = per_zone * group_zones + max(2 * group_zones, max_unavailable)
    return -(-nodes // (zones - 1)) if spanning else nodes
