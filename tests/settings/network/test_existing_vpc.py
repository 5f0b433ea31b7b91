"""Tests of ha-eks:network.existing: problems and cautions of an existing VPC."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from settings import check, read_stack_file
from settings.cautions import cautions
from tests.settings.stack_files import (
    APPS,
    NETWORK,
    WEB,
    Change,
    assert_problem,
    changed,
    config_of,
    refused,
    unknown_key,
)
from tools.recording.made_up_outputs import digest

PODS = (NETWORK, "pods")


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


ZONE = "must be an Availability Zone such as us-east-1a, with a letter from a to h"


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


INTERNAL: Change = ((*WEB, "expose", "internal"), True)


def test_an_internal_load_balancer_has_its_own_subnets(tmp_path: Path) -> None:
    internal = subnets("internal", "a", "b")
    text = in_existing(INTERNAL, publicSubnets={}, internalSubnets=internal)
    (tmp_path / "Pulumi.dev.yaml").write_text(text)
    assert check(read_stack_file(tmp_path / "Pulumi.dev.yaml"))[1] == []
    assert_problem(
        refused(tmp_path, "dev", in_existing(INTERNAL)),
        f"{NETWORK}.existing.internalSubnets",
        None,
        "must have one subnet for each zone of zones; add us-east-1a, us-east-1b",
    )
    assert_problem(
        refused(tmp_path, "dev", in_existing(internalSubnets=internal)),
        f"{NETWORK}.existing.internalSubnets",
        internal,
        "no workload has an internal route, so that the cell has no internal load balancer; remove "
        "internalSubnets, or write expose: {internal: true} in an app",
    )


def test_an_internal_load_balancer_among_pods_is_a_caution() -> None:
    private = subnets("private", "a", "b")
    config = config_of("dev")
    del config[NETWORK]["nat"]
    config[NETWORK]["existing"] = existing(internalSubnets=private)
    config[APPS]["web"]["expose"]["internal"] = True
    found, _ = check(config)
    assert found
    texts = {each.key: each.text for each in cautions(found, date(2026, 11, 1))}
    subnet = private["us-east-1a"]
    assert texts[f"{NETWORK}.existing.internalSubnets.us-east-1a"] == (
        f"{subnet} is listed in privateSubnets too: the network policies of exposed apps admit "
        "this subnet, and so all pods in it; write a subnet without nodes"
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
