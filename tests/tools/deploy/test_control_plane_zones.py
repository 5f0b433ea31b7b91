"""Tests of the check for control-plane zones that EKS refuses."""

import pytest

from tests.command_machine import Machine


def named(zone: str) -> str:
    return f"""printf '%s' '{{"AvailabilityZones": [{{"ZoneName": "{zone}"}}]}}'"""


def test_the_zone_that_eks_refuses_in_this_account_is_a_problem(machine: Machine) -> None:
    machine.aws(describe_availability_zones=named("us-east-1b"))
    [line] = [
        number
        for number, text in enumerate(machine.stack.read_text().splitlines(), 1)
        if text.strip().startswith("controlPlaneZones:")
    ]
    assert machine.refuses() == (
        f"Pulumi.own.yaml:{line}: ha-eks:network.controlPlaneZones[1]: EKS refuses us-east-1b, "
        "which is use1-az3 in this account; write another zone\n"
    )


def test_another_zone_is_neither_a_problem_nor_a_caution(machine: Machine) -> None:
    machine.aws(describe_availability_zones=named("us-east-1c"))
    done = machine.up()
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("script", ["echo AccessDenied >&2; exit 254"])
def test_a_name_that_cannot_be_read_is_a_caution(machine: Machine, script: str) -> None:
    machine.aws(describe_availability_zones=script)
    done = machine.up()
    assert done.returncode == 0
    assert done.stderr == (
        "caution: the name of the zone use1-az3, which EKS refuses for control planes, cannot be "
        "read: AccessDenied\n"
    )
