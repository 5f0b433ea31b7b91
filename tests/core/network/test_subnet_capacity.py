"""How many addresses a zone's nodes take."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts.instance_types import InstanceType, instance_type
from core.network.subnet_capacity import (
    LOAD_BALANCER,
    Taken,
    node_addresses,
    nodes_in_a_zone,
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
    ("of_type", "own_subnet", "prefixes", "taken"),
    [
        # 3 interfaces of 10 addresses
        (LARGE, False, False, Taken(node=30, pods=0)),
        # the first holds the node's address only
        (LARGE, True, False, Taken(node=1, pods=20)),
        # 110 pods: 7 prefixes, one ahead, and the interface's own address
        (LARGE, False, True, Taken(node=8 * 16 + 1, pods=0)),
        (LARGE, True, True, Taken(node=1, pods=8 * 16 + 1)),
        # 15 interfaces of 50; 250 pods: 16 prefixes and one
        (HUGE, False, False, Taken(node=15 * 50, pods=0)),
        (HUGE, False, True, Taken(node=17 * 16 + 1, pods=0)),
    ],
)
def test_a_full_node_takes(
    of_type: InstanceType, own_subnet: bool, prefixes: bool, taken: Taken
) -> None:
    assert node_addresses(of_type, own_subnet=own_subnet, prefixes=prefixes) == taken


def test_prefixes_are_no_more_than_interfaces_hold() -> None:
    small = dataclasses.replace(LARGE, network_interfaces=2, addresses_per_interface=4)
    assert node_addresses(small, own_subnet=False, prefixes=True).node == 2 * 3 * 16 + 2


@pytest.mark.parametrize(
    ("per_zone", "unavailable", "zones", "spanning", "nodes"),
    [
        (8, 3, 3, False, 8 + 3),
        (4, 1, 2, False, 4 + 2),  # twice the group's zones are more
        (50, 50, 3, False, 100),
        (8, 8, 3, True, (24 + 8) // 2),
        (2, 1, 3, True, (6 + 6) // 2),
    ],
)
def test_a_zone_holds_a_pool_s_maximum_and_what_an_update_adds(
    per_zone: int, unavailable: int, zones: int, spanning: bool, nodes: int
) -> None:
    found = nodes_in_a_zone(per_zone, unavailable=unavailable, zones=zones, spanning=spanning)
    assert found == nodes


@given(st.integers(1, 450), st.integers(1, 100), st.integers(2, 6), st.booleans())
def test_the_zones_that_are_left_hold_every_node_of_a_spanning_group(
    per_zone: int, unavailable: int, zones: int, spanning: bool
) -> None:
    nodes = nodes_in_a_zone(per_zone, unavailable=unavailable, zones=zones, spanning=spanning)
    assert nodes >= per_zone + 2
    if spanning:
        assert nodes * (zones - 1) >= per_zone * zones + 2 * zones


def test_aws_keeps_five_addresses() -> None:
    assert usable("10.0.0.0/28") == 11


@pytest.mark.parametrize("prefix", range(LARGEST_VPC, SMALLEST_VPC + 1))
def test_every_public_subnet_has_room_for_the_load_balancer_to_grow_and_a_nat_gateway(
    prefix: int,
) -> None:
    public = zone_subnets(f"10.0.0.0/{prefix}", "us-east-1a").public
    assert usable(public) >= 2 * LOAD_BALANCER + 1
