"""Findings on the resources and the settings of a stack."""

from collections.abc import Sequence
from datetime import date

from settings.audit.audit import Audit
from settings.cautions import CAUTIONS
from tools.recording import Recording
from tools.rules.aws.all_rules import AWS_RULES
from tools.rules.kubernetes.all_rules import KUBERNETES_RULES
from tools.rules.resources import Resources, recorded_resources
from tools.rules.rule import SEVERITIES, Finding, Severity, findings_of
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
    found = [*resource_findings(recorded_resources(recording)), *cautions]
    left = unwaived(found, recording.settings.audit, today)
    return sorted(left, key=lambda each: SEVERITIES.index(each.severity))


def resource_findings(resources: Resources) -> list[Finding]:
    """Returns the findings on the resources of any program."""
    return [*findings_of(KUBERNETES_RULES, resources.objects), *findings_of(AWS_RULES, resources)]


def failing(findings: Sequence[Finding], audit: Audit) -> list[Finding]:
    """Returns the findings that fail a preview."""
    return [each for each in findings if each.severity in failing_severities(audit)]


def failing_severities(audit: Audit) -> Sequence[Severity]:
    """Returns the severities that fail a preview: `failOn` and more severe ones."""
    if audit.fail_on == "nothing":
        return ()
    return SEVERITIES[: SEVERITIES.index(audit.fail_on) + 1]
