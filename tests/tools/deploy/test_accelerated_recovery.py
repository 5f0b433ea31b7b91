"""Accelerated recovery of public hosted zones is a caution of `make up`, never a problem."""

from typing import Any

import pytest

from tests.live.cells import settings_of
from tests.tools.deploy.check.aws_shapes import problems
from tools.deploy.accelerated_recovery import accelerated_recovery_cautions
from tools.deploy.aws_cli import AwsError

ZONE = "Z0123456789ABCDEFGHIJ"


def cautions(features: dict[str, str] | None, *changes: Any) -> list[str]:
    def ask(*arguments: str) -> Any:
        assert arguments == ("route53", "get-hosted-zone", "--id", ZONE)
        zone = {"Id": ZONE, "Name": "example.com.", "CallerReference": "1"}
        answer = {"HostedZone": {**zone, **({"Features": features} if features else {})}}
        assert [*problems(arguments, answer)] == []
        return answer

    return [*accelerated_recovery_cautions(ask, settings_of(*changes))]


@pytest.mark.parametrize("state", ["ENABLED", "ENABLING", "ENABLING_HOSTED_ZONE_LOCKED"])
def test_a_zone_with_accelerated_recovery_is_no_caution(state: str) -> None:
    assert cautions({"AcceleratedRecoveryStatus": state}) == []


@pytest.mark.parametrize("state", ["DISABLED", "ENABLE_FAILED", None])
def test_a_zone_without_it_is_a_caution_that_names_the_command(state: str | None) -> None:
    [caution] = cautions({"AcceleratedRecoveryStatus": state} if state else None)
    assert caution == (
        f"hosted zone {ZONE}: accelerated recovery is {state or 'DISABLED'}, so that its records "
        "cannot be changed while us-east-1 is unavailable; run aws route53 "
        f"update-hosted-zone-features --hosted-zone-id {ZONE} --enable-accelerated-recovery"
    )


def test_a_cell_without_a_public_domain_has_none() -> None:
    assert cautions(None, (("ha-eks:traffic",), None)) == []


def test_a_zone_that_cannot_be_read_is_a_caution() -> None:
    def ask(*arguments: str) -> Any:
        raise AwsError("AccessDenied")

    [caution] = accelerated_recovery_cautions(ask, settings_of())
    assert caution == f"hosted zone {ZONE}: accelerated recovery cannot be read: AccessDenied"
