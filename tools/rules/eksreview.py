"""Table of the checks of aws-samples/sample-eksreview and of the rules that decide them offline."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

_FILE = Path(__file__).with_name("eksreview.yaml")
_ANSWERS = {
    "decided": "offline",
    "running": "only on a running cluster",
    "open": "not yet",
    "other": "not applicable",
}
_REFERENCE = re.compile(r"HA\d{3}|CKV_K8S_\d+|test_\w+|make \w+|cluster\.version")
_INTRODUCTION = """# Checks on a running cluster that are decided before the deployment

This page is generated from [`tools/rules/eksreview.yaml`](../tools/rules/eksreview.yaml) by
`make reference`; a test keeps it current.

[aws-samples/sample-eksreview](https://github.com/aws-samples/sample-eksreview) makes {total} checks
on a running cluster (June 2026). The table says which of them ha-eks decides offline, before
anything is deployed:

| answer | checks | meaning |
|---|---|---|
| offline | {decided} | decided by a rule, by the settings, or by the program itself |
| not yet | {open} | a configuration can answer the check, and nothing does |
| only on a running cluster | {running} | a metric, or a state of cluster or account |
| not applicable | {other} | about software or node types that a cell does not have |

Of the {configured} checks that a configuration can answer, {decided} ({share}%) are decided
offline. HA… is a rule of the audit, CKV_… a rule of `make scan`, and test_… a test of ha-eks that
holds what settings and program always do.

Rules of the audit also apply to other manifests and programs. Settings and tests apply to cells.
"""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check of sample-eksreview."""

    area: str
    id: str
    subject: str
    """Subject in the words of this project."""
    answer: str
    """decided, running, open or other."""
    reason: str
    """Rules, settings and tests that decide the check, or the reason why none does."""


def checks() -> list[Check]:
    """Returns all checks, by area."""
    areas = cast(
        "Mapping[str, Mapping[str, list[str]]]", yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    )
    return [
        Check(area=area, id=name, subject=subject, answer=answer, reason=reason)
        for area, rows in areas.items()
        for name, (subject, answer, reason) in rows.items()
    ]


def share_decided(found: list[Check]) -> int:
    """Returns the percentage of decided checks among those that a configuration can answer."""
    counts = Counter(each.answer for each in found)
    return counts["decided"] * 100 // (counts["decided"] + counts["open"])


def page() -> str:
    """Returns the page as Markdown."""
    return "\n".join(_lines(checks())) + "\n"


def _lines(found: list[Check]) -> Iterator[str]:
    counts = Counter(each.answer for each in found)
    yield _INTRODUCTION.format(
        total=len(found),
        configured=counts["decided"] + counts["open"],
        share=share_decided(found),
        **counts,
    )
    areas = list(dict.fromkeys(each.area for each in found))
    for area in areas:
        yield f"## {area[0].upper()}{area[1:]}\n\n| check | subject | decided | by, or reason |"
        yield "|---|---|---|---|"
        for each in found:
            if each.area == area:
                reason = _REFERENCE.sub(_linked, each.reason)
                yield f"| {each.id} | {each.subject} | {_ANSWERS[each.answer]} | {reason} |"
        yield ""


def _linked(match: re.Match[str]) -> str:
    """Returns a rule as a link, and another reference as code."""
    name = match.group()
    if not name.startswith("HA"):
        return f"`{name}`"
    anchor = "ha9-settings" if name.startswith("HA9") else name.lower()
    return f"[{name}](rules.md#{anchor})"
