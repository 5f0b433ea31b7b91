"""Tests of ha-eks:network: values that are refused, zones, and services without NAT."""

from pathlib import Path

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

PODS, FLOW_LOGS = (NETWORK, "pods"), (NETWORK, "flowLogs")
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
WITHOUT_NAT: list[Change] = [
    ((NETWORK, "nat"), "none"),
    ((NETWORK, "endpoints"), [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]),
    ((IMAGES,), {"source": "copies", "registry": ECR}),
]
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
