"""Tests of ha-eks:audit: severity that fails a preview, and waivers."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    Case,
    accepted,
    assert_problem,
    every_stack,
    problems_of,
    unknown_key,
)

AUDIT = "ha-eks:audit"
WAIVER = {"rule": "HA801", "resource": "NatGateway/*", "reason": "a cell for tests"}


def _waiver(key: str, value: object, message: str) -> Case:
    waivers = [{**WAIVER, key: value}]
    return (AUDIT,), {"waivers": waivers}, f"{AUDIT}.waivers[0].{key}", value, message


@every_stack
def test_waivers_and_the_severity_are_read(tmp_path: Path, stack: str) -> None:
    waivers = [WAIVER, {**WAIVER, "expires": "2027-02-28"}]
    audit = accepted(tmp_path, stack, ((AUDIT,), {"failOn": "error", "waivers": waivers})).audit
    assert audit.fail_on == "error"
    assert [str(each.last_day) for each in audit.waivers] == ["None", "2027-02-28"]


def test_by_default_warnings_fail_a_preview(tmp_path: Path) -> None:
    audit = accepted(tmp_path, "prod").audit
    assert (audit.fail_on, audit.waivers) == ("warning", ())


@pytest.mark.parametrize(
    "case",
    [
        (
            (AUDIT,), {"failOn": "notice"}, f"{AUDIT}.failOn", "notice",
            'must be one of error, warning, caution, nothing; found "notice"',
        ),
        ((AUDIT,), {"waver": []}, f"{AUDIT}.waver", [], unknown_key(AUDIT, "waivers")),
        _waiver("rule", "HA1", "must be the ID of a rule, such as HA101 (docs/rules.md)"),
        _waiver("resource", "", "must not be empty"),
        _waiver("reason", " ", "must not be empty"),
        _waiver("expires", "31.3.2027", 'must be a day in quotes, such as "2027-03-31"'),
        _waiver("expires", "2027-02-30", 'must be a day in quotes, such as "2027-03-31"'),
    ],
)  # fmt: skip
def test_an_invalid_audit_is_refused(case: Case) -> None:
    path, change, key, value, message = case
    assert_problem(problems_of((path, change)), key, value, message)
