"""Tests of the number of addresses that the nodes of a zone use."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts.instance_types import InstanceType, instance_type
from core.network.subnet_capacity import (
    LOAD_BALANCER,
    NodeAddresses,
    addresses_of_pods,
    max_nodes_per_zone,
    node_addresses,
    usable,
)
from core.network.subnets import LARGEST_VPC, SMALLEST_VPC, zone_subnets


def known(name: str) -> InstanceType:
    found = instance_type(name)
    assert found
    return found


LARGE = known("m7i.large")
HUGE = known("m7i.16xlarge")


@pytest.mark.parametrize(
    ("instance", "separate_pod_subnet", "prefixes", "expected"),
    [
        # 3 interfaces with 10 addresses each
        (LARGE, False, False, NodeAddresses(node_subnet=30, pod_subnet=0)),
        # the first interface has only the address of the node
        (LARGE, True, False, NodeAddresses(node_subnet=1, pod_subnet=20)),
        # 110 pods: 7 prefixes, 1 prefix in advance, and the address of the interface itself
        (LARGE, False, True, NodeAddresses(node_subnet=8 * 16 + 1, pod_subnet=0)),
        (LARGE, True, True, NodeAddresses(node_subnet=1, pod_subnet=8 * 16 + 1)),
        # 250 pods, 248 with an address: 6 interfaces with 50 addresses each, and 1 in advance
        (HUGE, False, False, NodeAddresses(node_subnet=7 * 50, pod_subnet=0)),
        # 250 pods: 16 prefixes and 1 in advance
        (HUGE, False, True, NodeAddresses(node_subnet=17 * 16 + 1, pod_subnet=0)),
    ],
)
def test_a_node_with_its_maximum_number_of_pods_uses_these_addresses(
    instance: InstanceType, separate_pod_subnet: bool, prefixes: bool, expected: NodeAddresses
) -> None:
    found = node_addresses(instance, separate_pod_subnet=separate_pod_subnet, prefixes=prefixes)
    assert found == expected


def test_a_node_has_at_most_the_prefixes_that_its_interfaces_can_hold() -> None:
    small = dataclasses.replace(LARGE, network_interfaces=2, addresses_per_interface=4)
    found = node_addresses(small, separate_pod_subnet=False, prefixes=True)
    assert found.node_subnet == 2 * 3 * 16 + 2


@pytest.mark.parametrize(
    ("per_zone", "max_unavailable", "zones", "spanning", "nodes"),
    [
        (8, 3, 3, False, 8 + 3),
        (4, 1, 2, False, 4 + 2),  # twice the zones of the node group is more than 1
        (50, 50, 3, False, 100),
        (8, 8, 3, True, (24 + 8) // 2),
        (2, 1, 3, True, (6 + 6) // 2),
    ],
)
def test_the_maximum_nodes_of_a_zone_include_the_nodes_that_an_update_adds(
    per_zone: int, max_unavailable: int, zones: int, spanning: bool, nodes: int
) -> None:
    found = max_nodes_per_zone(
        per_zone, max_unavailable=max_unavailable, zones=zones, spanning=spanning
    )
    assert found == nodes


@given(st.integers(1, 450), st.integers(1, 100), st.integers(2, 6), st.booleans())
def test_the_other_zones_have_capacity_for_every_node_of_a_spanning_group_if_a_zone_fails(
    per_zone: int, max_unavailable: int, zones: int, spanning: bool
) -> None:
    nodes = max_nodes_per_zone(
        per_zone, max_unavailable=max_unavailable, zones=zones, spanning=spanning
    )
    assert nodes >= per_zone + 2
    if spanning:
        assert nodes * (zones - 1) >= per_zone * zones + 2 * zones


@pytest.mark.parametrize(("pods", "addresses"), [(0, 0), (1, 16), (16, 16), (17, 32)])
def test_prefixes_have_16_addresses_each(pods: int, addresses: int) -> None:
    assert addresses_of_pods(pods, prefixes=True) == addresses
    assert addresses_of_pods(pods, prefixes=False) == pods


def test_aws_reserves_five_addresses_of_a_subnet() -> None:
    assert usable("10.0.0.0/28") == 11


@pytest.mark.parametrize("prefix", range(LARGEST_VPC, SMALLEST_VPC + 1))
def test_every_public_subnet_has_addresses_for_a_growing_load_balancer_and_a_nat_gateway(
    prefix: int,
) -> None:
    public = zone_subnets(f"10.0.0.0/{prefix}", "us-east-1a").public
    assert usable(public) >= 2 * LOAD_BALANCER + 1
