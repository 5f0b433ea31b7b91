"""Rules for instance types: architecture, region, accelerators and prefix delegation."""

from pathlib import Path

import pytest

from core.facts.instance_types import table
from settings.reading.check import check
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
    put_at,
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


def extra(*types: str, **more: object) -> Change:
    """Returns the change that adds a pool with these instance types."""
    return (POOLS, "extra"), {"instanceTypes": [*types], "perZone": {"min": 0, "max": 2}, **more}


@pytest.mark.parametrize(
    ("name", "ami"),
    [
        ("m7i.large", "AL2023_x86_64_STANDARD"),
        ("m7g.large", "AL2023_ARM_64_STANDARD"),
        ("g6.xlarge", "AL2023_x86_64_NVIDIA"),
        ("g5g.xlarge", "AL2023_ARM_64_NVIDIA"),
        ("inf2.xlarge", "AL2023_x86_64_NEURON"),
    ],
)
def test_the_default_ami_has_architecture_and_drivers_of_the_instance_type(
    name: str, ami: str
) -> None:
    config = config_of("prod")
    put_at(config, *extra(name))
    settings, problems = check(config)
    assert settings, problems
    assert settings.pools["extra"].ami == ami


@pytest.mark.parametrize(
    ("types", "message"),
    [
        (
            ["m7i.large", "m7g.large"],
            "m7g.large is an arm64 type, but AL2023_x86_64_STANDARD, the default amiType for "
            "m7i.large, is for x86_64; write an x86_64 type or another pool",
        ),
        (
            ["m7i.xlarge", "g6.xlarge"],
            "g6.xlarge has GPUs, but m7i.xlarge has no accelerators; write types with the same "
            "accelerators, or another pool",
        ),
        (
            ["g6.xlarge", "inf2.xlarge"],
            "inf2.xlarge has Neuron devices, but g6.xlarge has GPUs; write types with the same "
            "accelerators, or another pool",
        ),
    ],
)
def test_a_pool_has_one_architecture_and_one_kind_of_accelerators(
    types: list[str], message: str
) -> None:
    key = f"{POOLS}.extra.instanceTypes[1]"
    assert_problem(problems_of(extra(*types)), key, types[1], message)


@pytest.mark.parametrize(
    ("name", "ami", "amis"),
    [
        (
            "g6.xlarge",
            "AL2023_x86_64_STANDARD",
            "AL2023_x86_64_NVIDIA or BOTTLEROCKET_x86_64_NVIDIA",
        ),
        ("g5g.xlarge", "BOTTLEROCKET_ARM_64", "AL2023_ARM_64_NVIDIA or BOTTLEROCKET_ARM_64_NVIDIA"),
        ("inf2.xlarge", "AL2023_x86_64_NVIDIA", "AL2023_x86_64_NEURON or BOTTLEROCKET_x86_64"),
        ("m7i.large", "AL2023_x86_64_NVIDIA", "AL2023_x86_64_STANDARD or BOTTLEROCKET_x86_64"),
    ],
)
def test_an_ami_without_the_drivers_of_the_accelerators_is_refused(
    name: str, ami: str, amis: str
) -> None:
    has = {"g": "GPUs", "i": "Neuron devices", "m": "no accelerators"}[name[0]]
    for right in amis.split(" or "):
        assert problems_of(extra(name, amiType=right)) == []
    assert_problem(
        problems_of(extra(name, amiType=ami)),
        f"{POOLS}.extra.instanceTypes[0]",
        name,
        f"{name} has {has}, for which amiType {ami} is not made; remove amiType, or write {amis}",
    )


@pytest.mark.parametrize(
    ("name", "accelerator"),
    [
        ("f2.6xlarge", "FPGA"),
        ("vt1.3xlarge", "media accelerator"),
        ("dl2q.24xlarge", "AI accelerator"),
        ("g7.2xlarge", "GPU"),
    ],
)
def test_a_type_with_an_accelerator_without_driver_is_refused(name: str, accelerator: str) -> None:
    message = (
        f"no AMI of EKS has a driver for the {accelerator} of {name}; write another instance type"
    )
    problems = problems_of(extra(name))
    assert (f"{POOLS}.extra.instanceTypes[0]", message) in [(e.key, e.message) for e in problems]


def test_a_cell_with_accelerated_pools_only_is_refused() -> None:
    message = (
        "every pool has a NO_SCHEDULE or NO_EXECUTE taint, as pools with accelerators always have, "
        "but DNS, the autoscaler and the controllers need a pool without one; remove these taints "
        "from a pool, or write another pool"
    )
    (problem,) = [each for each in problems_of((TYPES, ["g6.4xlarge"])) if each.key == POOLS]
    assert problem.message == message


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
