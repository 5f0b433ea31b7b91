"""Tests of the subnet CIDR blocks, for every VPC and every set of zones."""

import re
from dataclasses import astuple
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.subnets import (
    LARGEST_PODS,
    LARGEST_VPC,
    SMALLEST_PODS,
    SMALLEST_VPC,
    ZONE_LETTERS,
    ipv6_subnet,
    pod_subnet,
    prefix_reservation,
    region_of,
    zone_subnets,
)

ALL_ZONES = [f"us-east-1{letter}" for letter in ZONE_LETTERS]


def networks(cidr: str, zones: list[str]) -> list[IPv4Network]:
    return [IPv4Network(block) for zone in zones for block in astuple(zone_subnets(cidr, zone))]


@st.composite
def vpcs(draw: st.DrawFn) -> str:
    prefix = draw(st.integers(LARGEST_VPC, SMALLEST_VPC))
    number = draw(st.integers(0, 2**prefix - 1))
    return str(IPv4Network((number << (32 - prefix), prefix)))


zone_sets = st.lists(st.sampled_from(ALL_ZONES), min_size=1, unique=True)
thorough = settings(deadline=None, max_examples=200)


def test_the_first_zone_of_a_16_has_the_documented_cidr_blocks():
    subnets = zone_subnets("10.0.0.0/16", "us-east-1a")

    assert astuple(subnets) == ("10.0.0.0/20", "10.0.16.0/22", "10.0.20.0/22", "10.0.31.240/28")


def test_the_last_zone_of_a_16_has_the_last_cidr_blocks_of_the_vpc():
    subnets = zone_subnets("10.0.0.0/16", "us-east-1h")

    assert astuple(subnets) == (
        "10.0.224.0/20",
        "10.0.240.0/22",
        "10.0.244.0/22",
        "10.0.255.240/28",
    )


def test_a_zone_of_the_smallest_vpc_has_256_private_and_64_public_addresses():
    subnets = zone_subnets("10.0.0.0/20", "us-east-1b")

    assert astuple(subnets) == ("10.0.2.0/24", "10.0.3.0/26", "10.0.3.64/26", "10.0.3.240/28")


def test_each_zone_has_its_own_ipv6_network():
    block = "2001:db8:1234:1a00::/56"
    networks = [
        ipv6_subnet(block, zone, internal=internal)
        for internal in (False, True)
        for zone in ALL_ZONES
    ]
    assert networks[:2] == ["2001:db8:1234:1a00::/64", "2001:db8:1234:1a01::/64"]
    assert len({*networks}) == 2 * len(ALL_ZONES)
    with pytest.raises(ValueError, match="not the name of an availability zone"):
        ipv6_subnet(block, "us-west-2-lax-1a", internal=False)


@thorough
@given(cidr=vpcs(), zones=zone_sets)
def test_the_subnets_of_all_zones_are_inside_the_vpc(cidr: str, zones: list[str]):
    vpc = IPv4Network(cidr)

    assert [n for n in networks(cidr, zones) if not n.subnet_of(vpc)] == []


@thorough
@given(cidr=vpcs(), zones=zone_sets)
def test_the_subnets_of_all_zones_never_overlap(cidr: str, zones: list[str]):
    pairs = combinations(networks(cidr, zones), 2)

    assert [(one, other) for one, other in pairs if one.overlaps(other)] == []


@thorough
@given(cidr=vpcs(), zones=zone_sets, added=st.sampled_from(ALL_ZONES))
def test_adding_any_zone_leaves_the_cidrs_of_the_others_unchanged(
    cidr: str, zones: list[str], added: str
):
    before = {zone: zone_subnets(cidr, zone) for zone in zones}
    after = {zone: zone_subnets(cidr, zone) for zone in sorted({added, *zones})}

    assert {zone: after[zone] for zone in zones} == before


@thorough
@given(cidr=vpcs(), zone=st.sampled_from(ALL_ZONES))
def test_every_subnet_has_a_size_that_aws_allows(cidr: str, zone: str):
    sizes = [n.prefixlen for n in networks(cidr, [zone])]

    assert [size for size in sizes if not 16 <= size <= 28] == []


def test_the_region_does_not_change_the_cidr_blocks():
    assert zone_subnets("10.0.0.0/16", "eu-central-1c") == zone_subnets("10.0.0.0/16", "us-east-1c")


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("us-east-1a", "us-east-1"),
        ("us-west-2h", "us-west-2"),
        ("ap-southeast-3c", "ap-southeast-3"),
        ("us-gov-west-1b", "us-gov-west-1"),
    ],
)
def test_the_region_of_an_availability_zone_is_read_from_its_name(zone: str, region: str):
    assert region_of(zone) == region


@pytest.mark.parametrize(
    "name",
    [
        "us-west-2-lax-1a",
        "us-east-1-wl1-bos-wlz-1",
        "us-east-1",
        "us-east-1i",
        "us-east-1A",
        "use1-az1",
        "us-east-1a\n",
        " us-east-1a",
        "",
    ],
)
def test_local_zones_and_other_names_have_no_region(name: str):
    assert region_of(name) is None


@pytest.mark.parametrize("cidr", ["10.0.0.0/21", "10.0.0.0/15"])
def test_a_vpc_with_a_prefix_length_outside_16_to_20_is_refused(cidr: str):
    message = f"{cidr}: the prefix length must be /16 to /20"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        zone_subnets(cidr, "us-east-1a")


def test_a_local_zone_is_refused():
    message = "'us-west-2-lax-1a' is not the name of an availability zone"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        zone_subnets("10.0.0.0/16", "us-west-2-lax-1a")


@pytest.mark.parametrize("prefix", range(LARGEST_PODS, SMALLEST_PODS + 1))
def test_the_pod_subnets_of_all_zones_have_the_same_size_and_use_the_whole_network(prefix: int):
    network = IPv4Network(f"100.64.0.0/{prefix}")
    subnets = [IPv4Network(pod_subnet(str(network), zone)) for zone in ALL_ZONES]

    assert subnets == list(network.subnets(prefixlen_diff=3))


@pytest.mark.parametrize(
    ("subnet", "reserved"),
    [("10.0.0.0/24", "10.0.0.128/25"), ("100.64.32.0/19", "100.64.48.0/20")],
)
def test_the_upper_half_of_a_subnet_is_reserved_for_prefixes(subnet: str, reserved: str):
    assert prefix_reservation(subnet) == reserved


@pytest.mark.parametrize("cidr", ["100.64.0.0/15", "100.64.0.0/19"])
def test_a_pod_network_with_a_prefix_length_outside_16_to_18_is_refused(cidr: str):
    message = f"{cidr}: the prefix length must be /16 to /18"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        pod_subnet(cidr, "us-east-1a")


def test_a_zone_of_the_smallest_pod_network_has_2048_addresses():
    assert pod_subnet("100.127.192.0/18", "us-east-1h") == "100.127.248.0/21"
