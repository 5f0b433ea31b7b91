"""Tests of ha-eks:network: problems and cautions on the shipped files with some changes."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings import check
from settings.cautions import cautions
from tests.settings.stack_files import (
    HEADROOM,
    IMAGES,
    NETWORK,
    PER_ZONE,
    POOLS,
    WEB,
    Case,
    Change,
    accepted,
    assert_problem,
    cautions_of,
    changed,
    config_of,
    put,
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
    """Returns an existing VPC that dev can use."""
    return {
        "vpcId": "vpc-0123456789abcdef0",
        "privateSubnets": subnets("private", "a", "b"),
        "publicSubnets": subnets("public", "a", "b"),
        "controlPlaneSubnets": subnets("control", "a", "b"),
        **changes,
    }


def in_existing(*changes: Change, **fields: object) -> str:
    """Returns the text of the stack file of dev with an existing VPC."""
    config = config_of("dev")[NETWORK]
    del config["nat"]
    return changed("dev", ((NETWORK,), {**config, "existing": existing(**fields)}), *changes)


RETENTION = (
    "must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, "
    "2192, 2557, 2922, 3288, 3653"
)
CIDR = "must be in CIDR notation"
POD_CIDR = "must be a /16 to /18 inside 100.64.0.0/10, such as 100.64.0.0/16"
SERVICES = (
    "must be one of aps-workspaces, autoscaling, ec2, ec2messages, ecr.api, ecr.dkr, eks, "
    "eks-auth, elasticloadbalancing, kms, logs, monitoring, secretsmanager, sqs, ssm, ssmmessages, "
    "sts, xray"
)
ZONE = "must be an Availability Zone such as us-east-1a, with a letter from a to h"

ONE_CHANGE: dict[str, Case] = {
    "an unknown NAT mode": put(
        (NETWORK, "nat"), "each", 'must be one of perZone, regional, single, none; found "each"'
    ),
    "an endpoint of an unknown service": (
        (NETWORK, "endpoints"), ["ecr"], f"{NETWORK}.endpoints[0]", "ecr",
        f'{SERVICES}; found "ecr"; did you mean "ec2"?',
    ),
    "S3 as an interface endpoint": (
        (NETWORK, "endpoints"), ["s3"], f"{NETWORK}.endpoints[0]", "s3", f'{SERVICES}; found "s3"',
    ),
    "an endpoint twice": put(
        (NETWORK, "endpoints"), ["sts", "sts"],
        "sts is listed more than once; list each name once",
    ),
    "pods outside the shared address space": put_in(
        PODS, "cidr", "10.64.0.0/16", POD_CIDR
    ),
    "a pod network that is too small": put_in(
        PODS, "cidr", "100.64.0.0/19", POD_CIDR
    ),
    "a pod network that is too large": put_in(
        PODS, "cidr", "100.64.0.0/15", POD_CIDR
    ),
    "a pod network without prefix": put_in(
        PODS, "cidr", "100.64.0.0", f"{CIDR}; write 100.64.0.0/32"
    ),
    "a misspelled key of pods": unknown((*PODS, "cdr"), "cidr"),
    "unknown traffic of flow logs": put_in(
        FLOW_LOGS, "traffic", "some", 'must be one of REJECT, ALL, none; found "some"'
    ),
    "flow logs for 8 days": put_in(FLOW_LOGS, "retentionDays", 8, f"{RETENTION}; found 8"),
    "flow logs of 5 minutes": put_in(
        FLOW_LOGS, "aggregationSeconds", 300, "must be one of 60, 600; found 300"
    ),
    "a misspelled key of flowLogs": put_in(
        FLOW_LOGS, "trafic", "ALL", unknown_key(NETWORK, "traffic")
    ),
    "a VPC network with a prefix of 99": put(
        (NETWORK, "cidr"), "10.0.0.0/99",
        "must be an IPv4 network in CIDR notation, such as 10.0.0.0/16",
    ),
    "a VPC network with host bits": put(
        (NETWORK, "cidr"), "10.0.0.1/16",
        "the address has host bits after the prefix; write 10.0.0.0/16",
    ),
    "a VPC network with a netmask": put(
        (NETWORK, "cidr"), "10.0.0.0/255.255.0.0",
        f"{CIDR}; write 10.0.0.0/16",
    ),
    "a VPC network with a hostmask": put(
        (NETWORK, "cidr"), "10.0.0.0/0.0.255.255",
        f"{CIDR}; write 10.0.0.0/16",
    ),
    "a VPC network with a leading 0": put(
        (NETWORK, "cidr"), "10.0.0.0/016", f"{CIDR}; write 10.0.0.0/16"
    ),
    "a VPC that is too small": put(
        (NETWORK, "cidr"), "10.0.0.0/21",
        "a /21 is too small, because nodes and pods of each zone have a sixteenth of the "
        "addresses; write a /16 to /20",
    ),
    "a VPC that is too large": put(
        (NETWORK, "cidr"), "10.0.0.0/15",
        "a /15 is larger than AWS allows for a VPC; write a /16 to /20",
    ),
    "a single zone": put(
        (NETWORK, "zones"), ["us-east-1a"], "must have between 2 and 6 items, but has 1"
    ),
    "a zone twice": put(
        (NETWORK, "zones"), ["us-east-1a", "us-east-1a"],
        "us-east-1a is listed more than once; list each name once",
    ),
    "a zone that no account has": (
        (NETWORK, "zones", 1), "us-east-1h", f"{NETWORK}.zones[1]", "us-east-1h",
        "us-east-1h does not exist; the zones of us-east-1 are among us-east-1a to us-east-1f",
    ),
    "a control plane zone that no account has": (
        (NETWORK, "controlPlaneZones", 1), "us-east-1g",
        f"{NETWORK}.controlPlaneZones[1]", "us-east-1g",
        "us-east-1g does not exist; the zones of us-east-1 are among us-east-1a to us-east-1f",
    ),
    "a local zone": (
        (NETWORK, "zones", 0), "us-west-2-lax-1a",
        f"{NETWORK}.zones[0]", "us-west-2-lax-1a", ZONE,
    ),
    "a zone of another region": (
        (NETWORK, "zones", 1), "eu-central-1a",
        f"{NETWORK}.zones[1]", "eu-central-1a",
        "eu-central-1a is not in aws:region us-east-1; write a zone such as us-east-1a",
    ),
    "a control plane zone of another region": (
        (NETWORK, "controlPlaneZones", 0), "eu-central-1a",
        f"{NETWORK}.controlPlaneZones[0]", "eu-central-1a",
        "eu-central-1a is not in aws:region us-east-1; write a zone such as us-east-1a",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE_CHANGE)
def test_a_wrong_value_is_one_problem_with_key_value_and_message(tmp_path: Path, case: str) -> None:
    path, new, key, value, message = ONE_CHANGE[case]
    text = changed("dev", (PODS, {}), (FLOW_LOGS, {}), (path, new))
    assert_problem(refused(tmp_path, "dev", text), key, value, message)


def missing_endpoints(*services: str) -> str:
    return (
        "with nat: none, nodes and system pods reach AWS services only through endpoints; add "
        f"{', '.join(services)}"
    )


@pytest.mark.parametrize("missing", [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES])
def test_without_nat_each_required_endpoint_is_named(tmp_path: Path, missing: str) -> None:
    rest = [each for each in (*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES) if each != missing]
    text = changed("dev", *WITHOUT_NAT, ((NETWORK, "endpoints"), rest))
    problems = refused(tmp_path, "dev", text)
    assert_problem(problems, f"{NETWORK}.endpoints", rest, missing_endpoints(missing))


def test_without_nat_all_missing_endpoints_are_one_problem(tmp_path: Path) -> None:
    text = changed("dev", *WITHOUT_NAT, ((NETWORK, "endpoints"), []))
    message = missing_endpoints(*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES)
    assert_problem(refused(tmp_path, "dev", text), f"{NETWORK}.endpoints", [], message)


def test_a_pod_network_that_overlaps_with_the_vpc_is_refused(tmp_path: Path) -> None:
    text = changed("dev", ((NETWORK, "cidr"), "100.64.0.0/16"), (PODS, {"cidr": "100.64.128.0/18"}))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{NETWORK}.pods.cidr",
        "100.64.128.0/18",
        "100.64.128.0/18 overlaps with network.cidr, 100.64.0.0/16; write a network that does not "
        "overlap",
    )


def test_an_existing_vpc_is_accepted() -> None:
    config = config_of("dev")
    del config[NETWORK]["nat"]
    config[NETWORK]["existing"] = existing()
    assert check(config)[1] == []


def test_prefixes_in_an_existing_vpc_need_a_reservation() -> None:
    config = config_of("dev")
    del config[NETWORK]["nat"]
    config[NETWORK]["existing"] = existing()
    found, _ = check(config)
    assert found
    key = f"{NETWORK}.pods.prefixDelegation"
    assert key not in {each.key for each in cautions(found, date(2026, 11, 1))}
    config[NETWORK]["pods"] = {"prefixDelegation": True}
    found, _ = check(config)
    assert found
    assert {each.key: each.text for each in cautions(found, date(2026, 11, 1))}[key] == (
        "a prefix is a free block of 16 addresses, and other addresses can be anywhere in existing "
        "subnets, so that AWS may find no block although addresses are free; reserve a part of "
        "each private subnet: aws ec2 create-subnet-cidr-reservation --subnet-id ID "
        "--reservation-type prefix --cidr CIDR"
    )


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
def test_settings_of_a_new_vpc_are_refused_with_an_existing_vpc(
    tmp_path: Path, path: tuple[str, ...], value: object
) -> None:
    before: list[Change] = [(PODS, {})] if path[0] == "pods" else []
    text = in_existing(*before, ((NETWORK, *path), value))
    key = ".".join(path)
    message = f"the program does not change an existing VPC; remove {key} or existing"
    assert_problem(refused(tmp_path, "dev", text), f"{NETWORK}.{key}", value, message)


@pytest.mark.parametrize(
    ("key", "zones"),
    [
        ("privateSubnets", "zones"),
        ("publicSubnets", "zones"),
        ("controlPlaneSubnets", "controlPlaneZones"),
    ],
)
@pytest.mark.parametrize(
    ("letters", "remedy"),
    [
        (("a",), "add us-east-1b"),
        (("a", "b", "c"), "remove us-east-1c"),
        (("a", "c"), "add us-east-1b and remove us-east-1c"),
    ],
)
def test_an_existing_vpc_must_have_one_subnet_for_each_zone(
    tmp_path: Path, key: str, zones: str, letters: tuple[str, ...], remedy: str
) -> None:
    given = subnets(key, *letters)
    assert_problem(
        refused(tmp_path, "dev", in_existing(**{key: given})),
        f"{NETWORK}.existing.{key}",
        given,
        f"must have one subnet for each zone of {zones}; {remedy}",
    )


def test_a_private_subnet_is_refused_as_a_public_subnet(tmp_path: Path) -> None:
    shared = subnets("private", "a", "b")["us-east-1b"]
    text = in_existing(publicSubnets={**subnets("public", "a"), "us-east-1b": shared})
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{NETWORK}.existing.publicSubnets.us-east-1b",
        shared,
        f"{shared} is listed in privateSubnets too, but nodes must not be in a public subnet; "
        "write another subnet",
    )


VPC_ID = "must be the ID of a VPC, such as vpc-0123456789abcdef0"


@pytest.mark.parametrize("vpc", ["vpc-1", "subnet-0123456789abcdef0"])
def test_a_malformed_vpc_id_is_refused(tmp_path: Path, vpc: str) -> None:
    problems = refused(tmp_path, "dev", in_existing(vpcId=vpc))
    assert_problem(problems, f"{NETWORK}.existing.vpcId", vpc, VPC_ID)


def test_a_misspelled_key_of_existing_is_refused(tmp_path: Path) -> None:
    vpc = "vpc-0123456789abcdef0"
    problems = refused(tmp_path, "dev", in_existing(vpcID=vpc))
    assert_problem(problems, f"{NETWORK}.existing.vpcID", vpc, unknown_key(NETWORK, "vpcId"))


def test_malformed_zones_and_subnet_ids_are_refused(tmp_path: Path) -> None:
    text = in_existing(privateSubnets={"us-east-1a": "private-a", "use1-az2": "subnet-01234567"})
    key = f"{NETWORK}.existing.privateSubnets"
    subnet = "must be the ID of a subnet, such as subnet-0123456789abcdef0"
    assert [(each.key, each.message) for each in refused(tmp_path, "dev", text)] == [
        (f"{key}.us-east-1a", subnet),
        (f"{key}.use1-az2", ZONE),
    ]


OUT = (NETWORK, "zonesOut")


def test_an_unknown_zone_out_is_refused(tmp_path: Path) -> None:
    text = changed("prod", (OUT, ["eu-north-1a"]))
    assert_problem(
        refused(tmp_path, "prod", text),
        f"{NETWORK}.zonesOut[0]",
        "eu-north-1a",
        "eu-north-1a is not in network.zones; write one of us-east-1a, us-east-1b, us-east-1c",
    )


def test_one_zone_must_remain(tmp_path: Path) -> None:
    zones = config_of("dev")[NETWORK]["zones"]
    assert_problem(
        refused(tmp_path, "dev", changed("dev", (OUT, zones))),
        f"{NETWORK}.zonesOut",
        zones,
        "at least one zone must remain; remove one of us-east-1a, us-east-1b",
    )


def test_a_single_remaining_zone_is_a_caution() -> None:
    found = cautions_of((OUT, ["us-east-1a", "us-east-1c"]), stack="prod")
    assert found[f"{NETWORK}.zonesOut"] == (
        "all pods run in us-east-1b, and the cell is unavailable if this zone fails; remove a zone "
        "from zonesOut as soon as the zone is available"
    )
    assert f"{NETWORK}.zonesOut" not in cautions_of((OUT, ["us-east-1a"]), stack="prod")


def test_a_stack_file_that_cannot_lose_a_zone_for_long_is_a_caution() -> None:
    found = cautions_of(((*PER_ZONE, "max"), 6), stack="prod")
    assert found[f"{NETWORK}.zonesOut"] == (
        "if us-east-1c fails for a long time, zonesOut: [us-east-1c] will be refused with: "
        f"{POOLS}.general.perZone.max: a zone runs 4 web pods (750m CPU and 256Mi), 2 cache pods "
        "(100m CPU and 160Mi) and system pods, with headroom for 4 web pods, 2 cache pods and "
        "system pods, and needs 9 nodes with 1440m CPU and 6216Mi each, but max is 6; write 9 or "
        "more, larger instance types or less headroom"
    )


# Subnet capacity. An m7i.large has 3 interfaces with 10 addresses each. The private subnet of each
# zone in a /16 has 4,091 usable addresses, that in a /20 has 251.

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


def test_more_zones_than_the_region_has_are_refused() -> None:
    config = config_of("dev")
    config["aws:region"] = "us-west-1"
    zones = ["us-west-1a", "us-west-1b", "us-west-1c"]
    config[NETWORK].update(zones=zones, controlPlaneZones=zones[:2])
    assert_problem(
        check(config)[1],
        f"{NETWORK}.zones",
        zones,
        "us-west-1 has 2 zones, but 3 are listed; remove 1, or write another aws:region",
    )
    config[NETWORK]["zones"] = zones[1:]
    assert check(config)[1] == [], "the letters differ between accounts"


def test_the_zone_without_control_planes_is_a_caution() -> None:
    key = f"{NETWORK}.controlPlaneZones"
    assert key not in cautions_of()
    assert cautions_of(stack="prod")[key] == (
        "EKS refuses the zone with the ID use1-az3; its name differs between accounts, so find "
        "the name in your account: aws ec2 describe-availability-zones --region us-east-1 "
        "--zone-ids use1-az3"
    )
