"""All rules, for lists and documentation."""

from collections.abc import Sequence
from dataclasses import dataclass

from settings.cautions import CAUTIONS
from tools.rules.aws.all_rules import AWS_RULES
from tools.rules.cells.all_rules import CELL_RULES
from tools.rules.kubernetes.all_rules import KUBERNETES_RULES
from tools.rules.rule import Severity
from tools.rules.waivers import EXPIRED, UNUSED

GROUPS = {
    "HA0": "Waivers",
    "HA1": "Applications",
    "HA2": "Health",
    "HA3": "Termination",
    "HA4": "Autoscaling",
    "HA5": "Placement",
    "HA6": "Disruptions",
    "HA7": "Overprovisioning",
    "HA8": "AWS resources",
    "HA9": "Settings",
    "MC1": "Several cells: traffic (multi-cluster)",
    "MC2": "Several cells: independence (multi-cluster)",
    "MC3": "Several cells: capacity of the secondary cell (multi-cluster)",
}
"""Name of each group of rules, by the beginning of its IDs."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A rule in a list of all rules."""

    id: str
    severity: Severity
    claim: str
    why: str = ""
    """Effect on users if the claim does not hold. Default: each finding states it."""


WAIVERS = (
    Entry(id=UNUSED, severity="warning", claim="A waiver covers a finding."),
    Entry(id=EXPIRED, severity="warning", claim="A waiver has not expired."),
)
"""Rules about waivers of a stack file."""


def entries() -> Sequence[Entry]:
    """Returns all rules by ID."""
    detailed = [
        Entry(id=each.id, severity=each.severity, claim=each.claim, why=each.why)
        for each in (*KUBERNETES_RULES, *AWS_RULES, *CELL_RULES)
    ]
    settings = [Entry(id=each.id, severity="caution", claim=each.claim) for each in CAUTIONS]
    return sorted((*WAIVERS, *detailed, *settings), key=lambda each: each.id)
