"""Waivers of a stack file: findings that the stack accepts."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from settings.audit.audit import Audit, Waiver
from settings.stack import NAMESPACE
from tools.rules.rule import Finding

UNUSED, EXPIRED = "HA001", "HA002"
"""IDs of the findings on waivers themselves."""


def unwaived(findings: Sequence[Finding], audit: Audit, today: date) -> list[Finding]:
    """Returns the findings without a waiver, and a finding for each waiver that has expired or
    matches nothing. An expired waiver covers nothing."""
    valid = [each for each in audit.waivers if not _expired(each, today)]
    left = [each for each in findings if not any(covers(waiver, each) for waiver in valid)]
    return [*left, *_on_waivers(findings, audit, today)]


def covers(waiver: Waiver, finding: Finding) -> bool:
    """True if a waiver has the rule of a finding, and its resource, in which `*` is any text."""
    pattern = ".*".join(map(re.escape, waiver.resource.split("*")))
    return waiver.rule == finding.rule and bool(re.fullmatch(pattern, finding.resource))


def _expired(waiver: Waiver, today: date) -> bool:
    return waiver.last_day is not None and waiver.last_day < today


def _on_waivers(findings: Sequence[Finding], audit: Audit, today: date) -> Iterator[Finding]:
    for index, waiver in enumerate(audit.waivers):
        what = f"{waiver.rule} on {waiver.resource}"
        if not any(covers(waiver, each) for each in findings):
            yield _finding(UNUSED, index, f"there is no finding of {what}; remove the waiver")
        elif _expired(waiver, today):
            text = f"the waiver of {what} expired on {waiver.expires}; close the gap or renew it"
            yield _finding(EXPIRED, index, text)


def _finding(rule: str, index: int, text: str) -> Finding:
    key = f"{NAMESPACE}:audit.waivers[{index}]"
    return Finding(rule=rule, severity="warning", resource=key, field="", text=text)
