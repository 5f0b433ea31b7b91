"""What people are told of a bad network: the shipped files, with one thing changed."""

from pathlib import Path
from typing import Any

import pytest

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings import check
from tests.settings.stack_files import (
    IMAGES,
    NETWORK,
    PER_ZONE,
    POOLS,
    Case,
    Change,
    assert_one,
    assert_problem,
    changed,
    config_of,
    fragment,
    put_at,
    put_in,
    refused,
    unknown,
    unknown_key,
)
from tools.recording.made_up_outputs import digest

PODS, FLOW_LOGS, EXISTING = (NETWORK, "pods"), (NETWORK, "flowLogs"), (NETWORK, "existing")
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
WITHOUT_NAT: list[Change] = [
    ((NETWORK, "nat"), "none"),
    ((NETWORK, "endpoints"), [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]),
    ((IMAGES,), {"source": "copies", "registry": ECR}),
]


def subnets(role: str, *letters: str) -> dict[str, str]:
    return {f"us-east-1{letter}": f"subnet-{digest(role + letter)}" for letter in letters}


def existing(**changes: object) -> dict[str, Any]:
    """A VPC that dev can be in."""
    return {
        "vpcId": "vpc-0123456789abcdef0",
        "privateSubnets": subnets("private", "a", "b"),
        "publicSubnets": subnets("public", "a", "b"),
        "controlPlaneSubnets": subnets("control", "a", "b"),
        **changes,
    }


def in_existing(*changes: Change, **of_it: object) -> str:
    """The text of dev's file, in a VPC that is there."""
    config = config_of("dev")[NETWORK]
    del config["nat"]
    return changed("dev", ((NETWORK,), {**config, "existing": existing(**of_it)}), *changes)


ONE_CHANGE: dict[str, Case] = {
    "another NAT mode": (
        (NETWORK, "nat"), "each", f"{NETWORK}.nat", "each",
        'must be one of perZone, regional, single, none, not "each"',
    ),
    "an endpoint of no service": (
        (NETWORK, "endpoints"), ["ecr"], f"{NETWORK}.endpoints[0]", "ecr",
        'must be one of aps-workspaces, autoscaling, ec2, ec2messages, ecr.api, ecr.dkr, eks, '
        'eks-auth, elasticloadbalancing, kms, logs, monitoring, secretsmanager, sqs, ssm, '
        'ssmmessages, sts, xray, not "ecr"; did you mean "ec2"?',
    ),
    "S3 as an interface endpoint": (
        (NETWORK, "endpoints"), ["s3"], f"{NETWORK}.endpoints[0]", "s3",
        'must be one of aps-workspaces, autoscaling, ec2, ec2messages, ecr.api, ecr.dkr, eks, '
        'eks-auth, elasticloadbalancing, kms, logs, monitoring, secretsmanager, sqs, ssm, '
        'ssmmessages, sts, xray, not "s3"',
    ),
    "an endpoint twice": (
        (NETWORK, "endpoints"), ["sts", "sts"], f"{NETWORK}.endpoints", ["sts", "sts"],
        "sts is listed more than once; list each name once",
    ),
    "pods outside of the shared addresses": put_in(
        PODS, "cidr", "10.64.0.0/16", fragment("100.64.0.0/10"),
    ),
    "too few addresses of pods": put_in(PODS, "cidr", "100.64.0.0/19", fragment("/16 to /18")),
    "too many addresses of pods": put_in(PODS, "cidr", "100.64.0.0/15", fragment("/16 to /18")),
    "pods of no network": put_in(PODS, "cidr", "100.64.0.0", fragment("CIDR notation")),
    "unknown key in pods": unknown((NETWORK, "pods", "cdr"), "cidr"),
    "traffic that is no traffic": put_in(
        FLOW_LOGS, "traffic", "some", 'must be one of REJECT, ALL, none, not "some"',
    ),
    "flow logs for 8 days": put_in(
        FLOW_LOGS, "retentionDays", 8,
        "must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, "
        "1827, 2192, 2557, 2922, 3288, 3653, not 8",
    ),
    "flow logs of 5 minutes": put_in(
        FLOW_LOGS, "aggregationSeconds", 300, "must be one of 60, 600, not 300",
    ),
    "unknown key in flowLogs": put_in(
        FLOW_LOGS, "trafic", "ALL",
        'unknown key; did you mean "traffic"? All keys: docs/settings.md#ha-eks-network',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem(tmp_path: Path, case: str) -> None:
    path, new, key, value, word = ONE_CHANGE[case]
    text = changed("dev", (PODS, {}), (FLOW_LOGS, {}), (path, new))
    assert_one(refused(tmp_path, "dev", text), key, value, word)


@pytest.mark.parametrize("missing", [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES])
def test_without_nat_each_endpoint_that_nodes_and_system_need_is_asked_for_by_name(
    tmp_path: Path, missing: str
) -> None:
    rest = [each for each in (*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES) if each != missing]
    text = changed("dev", *WITHOUT_NAT, ((NETWORK, "endpoints"), rest))
    [problem] = refused(tmp_path, "dev", text)
    assert problem.key == f"{NETWORK}.endpoints"
    assert problem.message.startswith(f"{missing} as well")


def test_without_nat_all_missing_endpoints_come_in_one_problem(tmp_path: Path) -> None:
    text = changed("dev", *WITHOUT_NAT, ((NETWORK, "endpoints"), []))
    [problem] = refused(tmp_path, "dev", text)
    assert problem.message.startswith(", ".join(NEEDED_WITHOUT_NAT))


def test_pods_and_nodes_have_different_addresses(tmp_path: Path) -> None:
    text = changed("dev", ((NETWORK, "cidr"), "100.64.0.0/16"), (PODS, {"cidr": "100.64.128.0/18"}))
    assert_one(
        refused(tmp_path, "dev", text),
        f"{NETWORK}.pods.cidr", "100.64.128.0/18", fragment("cidr, which is 100.64.0.0/16"),
    )  # fmt: skip


def test_a_vpc_that_is_there_is_taken(tmp_path: Path) -> None:
    config = config_of("dev")
    del config[NETWORK]["nat"]
    config[NETWORK]["existing"] = existing()
    config[NETWORK]["pods"] = {"prefixDelegation": True}
    assert check(config)[1] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("cidr",), "10.0.0.0/16"),
        (("nat",), "perZone"),
        (("endpoints",), ["sts"]),
        (("flowLogs",), {"traffic": "ALL"}),
        (("pods", "cidr"), "100.64.0.0/16"),
    ],
)
def test_of_a_vpc_that_is_there_nothing_is_chosen(
    tmp_path: Path, path: tuple[str, ...], value: object
) -> None:
    before: list[Change] = [(PODS, {})] if path[0] == "pods" else []
    text = in_existing(*before, ((NETWORK, *path), value))
    [problem] = refused(tmp_path, "dev", text)
    assert problem.key == ".".join((NETWORK, *path))
    assert "existing" in problem.message


@pytest.mark.parametrize(
    ("key", "zones"),
    [
        ("privateSubnets", "zones"),
        ("publicSubnets", "zones"),
        ("controlPlaneSubnets", "controlPlaneZones"),
    ],
)
@pytest.mark.parametrize("letters", [("a",), ("a", "b", "c"), ("a", "c")])
def test_a_vpc_that_is_there_has_a_subnet_of_each_zone_and_no_other(
    tmp_path: Path, key: str, zones: str, letters: tuple[str, ...]
) -> None:
    text = in_existing(**{key: subnets(key, *letters)})
    [problem] = refused(tmp_path, "dev", text)
    assert problem.key == f"{NETWORK}.existing.{key}"
    assert f"each of {zones} and no other: us-east-1a, us-east-1b" in problem.message


def test_nodes_are_in_no_public_subnet(tmp_path: Path) -> None:
    shared = subnets("private", "a", "b")
    text = in_existing(publicSubnets={**subnets("public", "a"), "us-east-1b": shared["us-east-1b"]})
    assert_one(
        refused(tmp_path, "dev", text),
        f"{NETWORK}.existing.publicSubnets.us-east-1b",
        shared["us-east-1b"],
        fragment("not one of"),
    )


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("vpcId", "vpc-1", fragment("the id of a VPC")),
        ("vpcId", "subnet-0123456789abcdef0", fragment("the id of a VPC")),
        (
            "vpcID",
            "vpc-0123456789abcdef0",
            unknown_key(NETWORK, "vpcId"),
        ),
    ],
)
def test_a_vpc_that_is_there_is_named_by_its_id(
    tmp_path: Path, key: str, value: str, word: str
) -> None:
    text = in_existing(**{key: value})
    assert_one(refused(tmp_path, "dev", text), f"{NETWORK}.existing.{key}", value, word)


def test_its_subnets_are_named_by_zone_and_id(tmp_path: Path) -> None:
    text = in_existing(privateSubnets={"us-east-1a": "private-a", "use1-az2": "subnet-01234567"})
    problems = refused(tmp_path, "dev", text)
    key = f"{NETWORK}.existing.privateSubnets"
    assert [problem.key for problem in problems] == [f"{key}.us-east-1a", f"{key}.use1-az2"]


# Subnet capacity. An m7i.large has 3 interfaces with 10 addresses each. The private subnet of each
# zone in a /16 has 4,091 usable addresses. dev has no cidr, so the problem has no value.

REMEDY = "write a larger cidr, a pods.cidr or a smaller perZone.max"


@pytest.mark.parametrize(
    ("changes", "key", "value", "message"),
    [
        (
            [((*PER_ZONE, "max"), 103)],
            f"{NETWORK}.cidr",
            None,
            "the private subnet of a zone has 4,096 − 5 = 4,091 addresses, but 137 nodes of pool "
            f"general × 30 = 4,110 are needed while nodes are updated; {REMEDY}",
        ),
        (
            [
                ((NETWORK, "cidr"), "10.0.0.0/16"),
                ((*PER_ZONE, "max"), 102),
                ((NETWORK, "endpoints"), [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]),
            ],
            f"{NETWORK}.cidr",
            "10.0.0.0/16",
            "the private subnet of a zone has 4,096 − 5 = 4,091 addresses, but 136 nodes of pool "
            f"general × 30 + 13 endpoints = 4,093 are needed while nodes are updated; {REMEDY}",
        ),
        (
            [((*PER_ZONE, "max"), 20), (PODS, {"cidr": "100.64.0.0/18", "prefixDelegation": True})],
            f"{NETWORK}.pods.cidr",
            "100.64.0.0/18",
            "the pod subnet of a zone has 2,048 − 5 = 2,043 addresses, but 27 nodes of pool "
            "general × 129 = 3,483 are needed while nodes are updated; write a larger pods.cidr "
            "or a smaller perZone.max",
        ),
        (
            [
                ((NETWORK, "cidr"), "10.0.0.0/20"),
                ((*PER_ZONE, "max"), 200),
                (PODS, {"cidr": "100.64.0.0/16"}),
            ],
            f"{NETWORK}.cidr",
            "10.0.0.0/20",
            "the private subnet of a zone has 256 − 5 = 251 addresses, but 266 nodes of pool "
            "general × 1 = 266 are needed while nodes are updated; write a larger cidr or a "
            "smaller perZone.max",
        ),
    ],
    ids=["nodes and pods", "endpoints too", "prefixes in a pod subnet", "nodes without their pods"],
)
def test_too_little_subnet_capacity_is_refused_with_the_sum(
    changes: list[Change], key: str, value: object, message: str
) -> None:
    config = config_of("dev")
    for path, given in changes:
        put_at(config, path, given)
    assert_problem(check(config)[1], key, value, message)


def test_a_subnet_without_a_free_address_is_accepted() -> None:
    config = config_of("dev")
    put_at(config, (*PER_ZONE, "max"), 102)
    config[NETWORK]["endpoints"] = [*NEEDED_WITHOUT_NAT[:11]]
    assert check(config)[1] == [], "136 nodes × 30 + 11 endpoints are 4,091"


def test_subnet_capacity_adds_up_the_pools_and_uses_the_largest_type_of_each() -> None:
    config = config_of("dev")
    config[POOLS]["other"] = {
        "instanceTypes": ["m7i.large", "m7i.16xlarge"],
        "perZone": {"min": 0, "max": 10},
    }
    config[NETWORK]["cidr"] = "10.0.0.0/17"
    assert_problem(
        check(config)[1],
        f"{NETWORK}.cidr",
        "10.0.0.0/17",
        "the private subnet of a zone has 2,048 − 5 = 2,043 addresses, but 6 nodes of pool general "
        "× 30 + 14 nodes of pool other × 750 = 10,680 are needed while nodes are updated; "
        f"{REMEDY}",
    )


def test_a_separate_pod_network_adds_subnet_capacity() -> None:
    config = config_of("dev")
    put_at(config, (*PER_ZONE, "max"), 150)
    assert [problem.key for problem in check(config)[1]] == [f"{NETWORK}.cidr"]
    config[NETWORK]["pods"] = {"cidr": "100.64.0.0/16"}
    assert check(config)[1] == []
