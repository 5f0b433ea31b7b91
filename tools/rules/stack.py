"""Findings on the recording of a stack."""

from datetime import date

from settings.audit.audit import Audit
from settings.cautions import CAUTIONS
from tools.recording import Recording
from tools.rules.aws.egress import RULES
from tools.rules.kubernetes.all_rules import KUBERNETES_RULES
from tools.rules.recorded import objects_of
from tools.rules.rule import SEVERITIES, Finding, findings_of
from tools.rules.waivers import unwaived


def stack_findings(recording: Recording, today: date) -> list[Finding]:
    """Returns the findings that the stack file does not waive, the most severe first.

    A caution is a finding on a key of the stack file.
    """
    cautions = [
        Finding(rule=rule.id, severity="caution", resource=each.key, field="", text=each.text)
        for rule in CAUTIONS
        for each in rule.find(recording.settings, today)
    ]
    found = [
        *findings_of(KUBERNETES_RULES, objects_of(recording)),
        *findings_of(RULES, recording),
        *cautions,
    ]
    left = unwaived(found, recording.settings.audit, today)
    return sorted(left, key=lambda each: SEVERITIES.index(each.severity))


def failing(findings: list[Finding], audit: Audit) -> list[Finding]:
    """Returns the findings that fail a preview: those of `failOn` and of more severe levels."""
    if audit.fail_on == "nothing":
        return []
    levels = SEVERITIES[: SEVERITIES.index(audit.fail_on) + 1]
    return [each for each in findings if each.severity in levels]
