"""Rules for instance types: architecture, region, accelerators and prefix delegation."""

from pathlib import Path

import pytest

from core.facts.instance_types import table
from tests.settings.stack_files import (
    NETWORK,
    POOLS,
    Change,
    assert_problem,
    cautions_of,
    changed,
    config_of,
    every_stack,
    problems_of,
    refused,
)

GENERAL = (POOLS, "general")
TYPES, AMI = (*GENERAL, "instanceTypes"), (*GENERAL, "amiType")


def key_of(*path: str | int) -> str:
    return ".".join(map(str, path))


@pytest.mark.parametrize(
    ("ami", "architecture", "name", "other", "other_architecture"),
    [
        ("AL2023_ARM_64_STANDARD", "arm64", "m7g.large", "m7i.large", "x86_64"),
        ("BOTTLEROCKET_ARM_64", "arm64", "m7g.large", "m7i.large", "x86_64"),
        ("BOTTLEROCKET_x86_64", "x86_64", "m7i.large", "m7g.large", "arm64"),
    ],
)
def test_instance_types_must_have_the_architecture_of_the_ami(
    ami: str, architecture: str, name: str, other: str, other_architecture: str
) -> None:
    assert problems_of((AMI, ami), (TYPES, [name])) == []
    assert_problem(
        problems_of((AMI, ami), (TYPES, [other])),
        f"{key_of(*TYPES)}[0]",
        other,
        f"{other} is an {other_architecture} type, but amiType {ami} is for {architecture}; write "
        f"an {architecture} type or another amiType",
    )


@every_stack
def test_a_type_that_the_region_does_not_offer_is_refused(tmp_path: Path, stack: str) -> None:
    region = config_of(stack)["aws:region"]
    elsewhere = [
        each
        for each in table().types.values()
        if each.zones[region] == 0 and each.architecture == "x86_64" and not each.accelerator
    ]
    # a type that is large enough for the shipped apps
    name = max(elsewhere, key=lambda each: each.memory_mib).name
    assert_problem(
        refused(tmp_path, stack, changed(stack, (TYPES, [name]))),
        f"{key_of(*TYPES)}[0]",
        name,
        f"EC2 does not offer {name} in {region}; write another instance type",
    )


MEXICO: list[Change] = [
    (("aws:region",), "mx-central-1"),
    ((NETWORK, "zones"), ["mx-central-1a", "mx-central-1b"]),
    ((NETWORK, "controlPlaneZones"), ["mx-central-1a", "mx-central-1b"]),
]


def test_instance_types_of_a_region_without_data_are_accepted_with_a_caution() -> None:
    assert problems_of(*MEXICO, stack="dev") == []
    assert cautions_of(*MEXICO, stack="dev") == {
        "aws:region": "this program does not know the instance types that EC2 offers in "
        "mx-central-1, and did not check instanceTypes; check the types: aws ec2 "
        "describe-instance-type-offerings --location-type availability-zone --region mx-central-1"
    }


@pytest.mark.parametrize(
    ("name", "accelerator"), [("g5.xlarge", "GPU"), ("inf2.xlarge", "Neuron device")]
)
def test_a_type_with_an_accelerator_is_refused(name: str, accelerator: str) -> None:
    types = (*GENERAL, "instanceTypes")
    assert_problem(
        problems_of((types, [name])),
        f"{key_of(*types)}[0]",
        name,
        f"{name} has a {accelerator}, for which the AMI types of amiType have no driver, and which "
        "apps cannot request; write another instance type",
    )


def test_prefix_delegation_with_a_type_that_is_not_nitro_is_refused() -> None:
    types = (*GENERAL, "instanceTypes")
    prefixes: Change = ((NETWORK, "pods"), {"prefixDelegation": True})
    assert problems_of((types, ["t2.large"])) == []
    assert problems_of((types, ["m7i.large"]), prefixes) == []
    assert_problem(
        problems_of((types, ["t2.large"]), prefixes),
        f"{key_of(*types)}[0]",
        "t2.large",
        "t2.large is not a Nitro type, but network.pods.prefixDelegation is for Nitro types only; "
        "write another instance type, or prefixDelegation: false",
    )
