"""Rules, and what they find."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Severity = Literal["error", "warning", "caution"]
"""error: a foreseeable event makes a workload unavailable, or a mechanism cannot work. warning: the
event does so in some cases. caution: an accepted setting that has a cost or a risk."""

SEVERITIES: Sequence[Severity] = ("error", "warning", "caution")
"""Severities, from the most severe."""

Subject = TypeVar("Subject")
"""Input of a rule: Kubernetes objects, a recording, or settings."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A place at which a rule does not hold."""

    resource: str
    """Kubernetes object, such as Deployment/shop/web, or AWS resource, or config key."""
    field: str
    """Path of the field in the resource; empty if the resource is the place."""
    text: str
    """Problem and effect, and what to write instead."""


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[Subject]):
    """A property that makes a cell highly available."""

    id: str
    """HA and three digits; the first digit is that of the group."""
    claim: str
    """One sentence that states what holds."""
    why: str
    """Effect on users if the claim does not hold, in one or two sentences."""
    not_flagged: Sequence[str]
    """Cases in which the claim does not hold and the rule does not report them."""
    severity: Severity
    setting: str
    """Key of the stack file that changes the field; for a field that the program always sets,
    the sentence that says so."""
    find: Callable[[Subject], Iterator[Evidence]]
    """Yields the places at which the claim does not hold."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A place at which a rule does not hold, with the rule."""

    rule: str
    severity: Severity
    resource: str
    field: str
    text: str

    def __str__(self) -> str:
        """Returns the finding as one line, without its severity."""
        place = f"{self.resource}: {self.field}" if self.field else self.resource
        return f"{self.rule} {place}: {self.text}"


def findings_of(rules: Sequence[Rule[Subject]], subject: Subject) -> Iterator[Finding]:
    """Yields the findings of all rules, in the order of the rules."""
    for rule in rules:
        for each in rule.find(subject):
            yield Finding(
                rule=rule.id,
                severity=rule.severity,
                resource=each.resource,
                field=each.field,
                text=each.text,
            )
