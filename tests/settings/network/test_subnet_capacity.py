"""Rules and cautions of subnet capacity.

An m7i.large has 3 interfaces with 10 addresses each. The private subnet of each zone in a /16 has
4,091 usable addresses, that in a /20 has 251.
"""

from pathlib import Path

import pytest

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from tests.settings.stack_files import (
    HEADROOM,
    NETWORK,
    PER_ZONE,
    POOLS,
    WEB,
    Change,
    accepted,
    assert_problem,
    cautions_of,
    changed,
    refused,
)

PODS = (NETWORK, "pods")
SMALL: Change = ((NETWORK, "cidr"), "10.0.0.0/20")
IN_USE = (
    "are in use if every pool has perZone.max nodes and is being updated, and every node runs as "
    "many pods as it may; when addresses run out, new nodes and pods do not start"
)


def test_subnets_that_are_too_small_at_rest_are_refused_with_the_sum(tmp_path: Path) -> None:
    min_ = (*PER_ZONE, "min")
    endpoints: Change = (
        (NETWORK, "endpoints"),
        [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES],
    )
    many: Change = ((*PER_ZONE, "max"), 300)
    accepted(tmp_path, "prod", SMALL, endpoints, many, (min_, 225))
    assert_problem(
        refused(tmp_path, "prod", changed("prod", SMALL, endpoints, many, (min_, 226))),
        f"{NETWORK}.cidr",
        "10.0.0.0/20",
        "the private subnet of a zone has 256 − 5 = 251 addresses, but a zone runs 226 nodes + 13 "
        "endpoints + 13 addresses of pods = 252 at the minimum; write a larger cidr, or a "
        "pods.cidr",
    )


def test_the_nodes_of_the_minimum_replicas_need_addresses(tmp_path: Path) -> None:
    replicas = {"needed": 500, "max": 800}
    changes: list[Change] = [
        SMALL,
        ((*WEB, "replicas"), replicas),
        ((*PER_ZONE, "max"), 450),
        ((HEADROOM,), {"size": "none"}),
    ]
    assert_problem(
        refused(tmp_path, "prod", changed("prod", *changes)),
        f"{NETWORK}.cidr",
        "10.0.0.0/20",
        "the private subnet of a zone has 256 − 5 = 251 addresses, but a zone runs 250 nodes + 258 "
        "addresses of pods = 508 at the minimum; write a larger cidr, or a pods.cidr",
    )


def test_prefixes_need_whole_blocks_of_addresses(tmp_path: Path) -> None:
    pods: Change = (PODS, {"cidr": "100.64.0.0/18", "prefixDelegation": True})
    most: Change = ((*PER_ZONE, "max"), 450)
    web = (*WEB, "replicas")
    accepted(tmp_path, "prod", pods, most, (web, {"needed": 150, "max": 500}))
    assert_problem(
        refused(tmp_path, "prod", changed("prod", pods, most, (web, {"needed": 400, "max": 700}))),
        f"{NETWORK}.pods.cidr",
        "100.64.0.0/18",
        "the pod subnet of a zone has 2,048 − 5 = 2,043 addresses, but a zone runs 4,800 addresses "
        "of pods = 4,800 at the minimum; write a larger pods.cidr",
    )


def test_a_large_pool_in_a_large_vpc_is_accepted_with_a_caution() -> None:
    found = cautions_of(
        ((POOLS, "general", "instanceTypes"), ["m7i.4xlarge"]),
        ((*PER_ZONE, "max"), 60),
        ((NETWORK, "cidr"), "10.0.0.0/16"),
    )
    assert found == {
        f"{NETWORK}.cidr": "the private subnet of a zone has 4,096 − 5 = 4,091 addresses. 80 nodes "
        f"of pool general × 150 = 12,000 {IN_USE}"
        " (at 27 full nodes); write pods.prefixDelegation: true, a pods.cidr or a "
        "smaller perZone.max"
    }


@pytest.mark.parametrize(
    ("changes", "key", "text"),
    [
        (
            [SMALL, ((*PER_ZONE, "max"), 6)],
            "cidr",
            "the private subnet of a zone has 256 − 5 = 251 addresses. 8 nodes of pool general × "
            f"30 + 13 endpoints = 253 {IN_USE}"
            " (at 7 full nodes); write a larger cidr, a pods.cidr or a smaller "
            "perZone.max",
        ),
        (
            [((*PER_ZONE, "max"), 20), (PODS, {"cidr": "100.64.0.0/18", "prefixDelegation": True})],
            "pods.cidr",
            "the pod subnet of a zone has 2,048 − 5 = 2,043 addresses. 27 nodes of pool general × "
            f"129 = 3,483 {IN_USE}"
            " (at 15 full nodes); write a larger pods.cidr or a smaller perZone.max",
        ),
        (
            [SMALL, ((*PER_ZONE, "max"), 200), (PODS, {"cidr": "100.64.0.0/16"})],
            "cidr",
            "the private subnet of a zone has 256 − 5 = 251 addresses. 266 nodes of pool general × "
            f"1 + 13 endpoints = 279 {IN_USE}"
            " (at 238 full nodes); write a larger cidr or a smaller perZone.max",
        ),
    ],
    ids=["nodes, pods and endpoints", "prefixes in a pod subnet", "nodes without their pods"],
)
def test_addresses_that_may_run_out_are_a_caution_with_the_sum(
    changes: list[Change], key: str, text: str
) -> None:
    endpoints: Change = ((NETWORK, "endpoints"), [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES])
    assert cautions_of(endpoints, *changes)[f"{NETWORK}.{key}"] == text


def test_the_caution_adds_up_the_pools_and_uses_the_largest_type_of_each() -> None:
    other = {
        "instanceTypes": ["m7i.large", "m7i.16xlarge"],
        "perZone": {"min": 0, "max": 10},
    }
    found = cautions_of(
        ((POOLS, "other"), other), ((NETWORK, "cidr"), "10.0.0.0/17"), ((*PER_ZONE, "max"), 12)
    )
    assert found[f"{NETWORK}.cidr"] == (
        "the private subnet of a zone has 2,048 − 5 = 2,043 addresses. 16 nodes of pool general × "
        f"30 + 14 nodes of pool other × 350 = 5,380 {IN_USE}; write a larger cidr, "
        "a pods.cidr or a smaller perZone.max"
    )


def test_a_separate_pod_network_adds_subnet_capacity() -> None:
    most: Change = ((*PER_ZONE, "max"), 150)
    assert f"{NETWORK}.cidr" in cautions_of(most)
    assert f"{NETWORK}.cidr" not in cautions_of(most, (PODS, {"cidr": "100.64.0.0/16"}))
