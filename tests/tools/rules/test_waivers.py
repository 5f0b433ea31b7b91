"""Waivers: findings that a stack accepts, and findings on the waivers themselves."""

from datetime import date
from typing import Any

import pytest

from settings.audit.audit import Audit
from tools.rules.rule import Finding, Severity
from tools.rules.stack import failing
from tools.rules.waivers import unwaived

TODAY = date(2026, 11, 29)
NAT = Finding(
    rule="HA801", severity="warning", resource="NatGateway/nat-a", field="subnetId", text="one"
)
TAG = Finding(rule="HA102", severity="warning", resource="Deployment/web/web", field="", text="x")


def _audit(**waiver: str) -> Audit:
    written: dict[str, Any] = {"rule": "HA801", "resource": "*", "reason": "tests", **waiver}
    return Audit.model_validate({"waivers": (written,)})


def _on_waiver(rule: str, text: str) -> Finding:
    key = "ha-eks:audit.waivers[0]"
    return Finding(rule=rule, severity="warning", resource=key, field="", text=text)


@pytest.mark.parametrize("resource", ["*", "NatGateway/*", "NatGateway/nat-a"])
def test_a_waiver_covers_findings_of_its_rule_and_resource(resource: str) -> None:
    assert unwaived([NAT, TAG], _audit(resource=resource), TODAY) == [TAG]


def test_only_an_asterisk_stands_for_other_text() -> None:
    key = "ha-eks:pools.general.instanceTypes[0]"
    types = Finding(rule="HA905", severity="caution", resource=key, field="", text="few zones")
    assert unwaived([types], _audit(rule="HA905", resource=key), TODAY) == []
    assert types in unwaived([types], _audit(rule="HA905", resource="?" + key[1:]), TODAY)


@pytest.mark.parametrize("waiver", [{"rule": "HA102"}, {"resource": "NatGateway/nat-b"}])
def test_a_waiver_without_a_finding_is_a_finding(waiver: dict[str, str]) -> None:
    what = f"{waiver.get('rule', 'HA801')} on {waiver.get('resource', '*')}"
    unused = _on_waiver("HA001", f"there is no finding of {what}; remove the waiver")
    assert unwaived([NAT], _audit(**waiver), TODAY) == [NAT, unused]


def test_a_waiver_covers_until_the_end_of_its_last_day() -> None:
    assert unwaived([NAT], _audit(expires="2026-11-29"), TODAY) == []


def test_an_expired_waiver_covers_nothing_and_is_a_finding() -> None:
    expired = _on_waiver(
        "HA002",
        "the waiver of HA801 on * expired on 2026-11-28; close the gap or renew it",
    )
    assert unwaived([NAT], _audit(expires="2026-11-28"), TODAY) == [NAT, expired]


@pytest.mark.parametrize(
    ("fail_on", "failed"),
    [
        ("error", ["error"]),
        ("warning", ["error", "warning"]),
        ("caution", ["error", "warning", "caution"]),
        ("nothing", []),
    ],
)
def test_findings_of_the_severity_and_above_fail(fail_on: str, failed: list[str]) -> None:
    severities: list[Severity] = ["error", "warning", "caution"]
    found = [
        Finding(rule="HA101", severity=each, resource="a", field="", text="b")
        for each in severities
    ]
    audit = Audit.model_validate({"failOn": fail_on})
    assert [each.severity for each in failing(found, audit)] == failed
