"""Findings of the audit by rule, each with its place in the stack file, and the waivers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from settings.audit.audit import Waiver
from tools.preview.results import Preview
from tools.preview.sarif import Place, stack_places
from tools.rules.catalog import Entry, entries
from tools.rules.rule import Finding, Severity
from tools.rules.stack import failing


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """A rule with its findings."""

    id: str
    severity: Severity
    claim: str
    why: str
    """Effect on users; empty for a caution, whose findings say so."""
    findings: Sequence[tuple[Finding, Place]]


@dataclass(frozen=True, kw_only=True)
class AuditView:
    """Findings on a stack, and the findings that it accepts."""

    rules: Sequence[RuleView]
    """Rules with findings, the most severe first."""
    waivers: Sequence[tuple[Waiver, str]]
    """Waivers of the stack file, each with the claim of its rule."""
    fails: bool
    """True if preview ends with a status that fails a check."""


def audit_of(preview: Preview) -> AuditView:
    """Returns the findings and waivers of a stack."""
    settings = preview.recording.settings
    known = {each.id: each for each in entries()}
    by_rule: dict[str, list[tuple[Finding, Place]]] = {}
    for finding, place in stack_places(preview.findings, settings, preview.file):
        by_rule.setdefault(finding.rule, []).append((finding, place))
    return AuditView(
        rules=[_rule(known, each) for each in by_rule.values()],
        waivers=[
            (each, known[each.rule].claim if each.rule in known else "unknown rule")
            for each in settings.audit.waivers
        ],
        fails=bool(failing(preview.findings, settings.audit)),
    )


def _rule(known: Mapping[str, Entry], found: Sequence[tuple[Finding, Place]]) -> RuleView:
    first = found[0][0]
    rule = known[first.rule]
    return RuleView(
        id=first.rule, severity=first.severity, claim=rule.claim, why=rule.why, findings=found
    )
