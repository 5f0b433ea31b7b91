"""The comparison of a stack before and after a change, and its summary in three lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from core.facts.prices import REGION
from core.interruptions import Interruption, interruptions
from tools.preview.cost import dollars
from tools.preview.diff.consequences import effect_of_replacement, gravity
from tools.preview.diff.impact import (
    UNKNOWN,
    WorkloadLoss,
    answer,
    changed_losses,
    monthly,
    new_findings,
)
from tools.preview.diff.references import label
from tools.preview.diff.resources import Action, ResourceChange, resource_changes
from tools.preview.diff.snapshot import Snapshot
from tools.recording import Resource
from tools.rules.rule import Finding

_CENTS_BELOW = 10
"""Difference in dollars below which the summary has cents."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A stack before and after a change."""

    stack: str
    before: Snapshot
    after: Snapshot
    notes: Sequence[str] = ()
    """Limits of the comparison, as sentences."""

    @cached_property
    def resources(self) -> Sequence[ResourceChange]:
        """Resources that differ, in an order of creation."""
        return resource_changes(self.before.resources, self.after.resources)

    def of(self, action: Action) -> list[ResourceChange]:
        """Returns the resources with an action; deleted ones by their effect, the worst first."""
        found = [each for each in self.resources if each.action == action]
        if action in ("replaced", "removed"):
            return sorted(found, key=lambda each: gravity(each.resource.type))
        return found

    @cached_property
    def renamed(self) -> Mapping[str, Resource]:
        """Added resources by the URNs of removed ones that have the same name in AWS or Kubernetes.

        Pulumi creates the new resource first: that fails because the name is taken, or the deletion
        of the old one then deletes the new one.
        """
        added = {_identity(each.resource): each.resource for each in self.of("added")}
        return {
            each.resource.urn: added[identity]
            for each in self.of("removed")
            if (identity := _identity(each.resource)) in added and identity[1]
        }

    @cached_property
    def interruptions(self) -> Sequence[Interruption]:
        """Changes in which requests fail until the update is complete."""
        return [*interruptions(self.before.resources, self.after.resources)]

    @cached_property
    def new_findings(self) -> list[Finding]:
        """Findings that only the stack after the change has."""
        return new_findings(self.before, self.after)

    @cached_property
    def gone_findings(self) -> list[Finding]:
        """Findings that only the stack before the change has."""
        return new_findings(self.after, self.before)

    @cached_property
    def summary(self) -> Sequence[tuple[str, str]]:
        """Three lines, each as its heading and its text: zone loss, cost, replacements."""
        return (
            ("Zone loss", self._zone_loss()),
            ("Cost per month", self._cost()),
            ("Replacements", self._replacements()),
        )

    @property
    def counts(self) -> str:
        """Numbers of resources and findings that differ, as a sentence without its full stop."""
        numbers = [
            f"{len(self.of(action))} {action}"
            for action in ("added", "changed", "replaced", "removed")
        ]
        findings = f"{len(self.new_findings)} new, {len(self.gone_findings)} gone"
        if self.before.findings is None:
            findings = f"{UNKNOWN} before"
        return f"resources: {', '.join(numbers)}; findings: {findings}"

    def _zone_loss(self) -> str:
        old, new = answer(self.before), answer(self.after)
        if old != new:
            return f"{old} → {new}"
        moved = [
            f"{name} {left_of(old)} → {left_of(new)}"
            for failure, name, old, new in changed_losses(self.before, self.after)
            if failure == "any zone" and left_of(old) != left_of(new)
            if any(each and each.needed for each in (old, new))
        ]
        pods = f" (pods left / needed: {', '.join(moved)})" if 0 < len(moved) <= 4 else ""
        return f"unchanged, {new}{pods}"

    def _cost(self) -> str:
        old, new = (monthly(each, "atRest") for each in (self.before, self.after))
        region = f"at rest, at list prices of {REGION}"
        if new is None:
            return UNKNOWN
        if old is None:
            return f"{UNKNOWN} → {money(new)} {region}"
        amount = money if abs(new - old) >= _CENTS_BELOW else dollars
        if abs(new - old) < 0.005:
            return f"unchanged, {money(new)} {region}"
        sign = "+" if new > old else ""
        return f"{amount(old)} → {amount(new)} ({sign}{amount(new - old)}) {region}"

    def _replacements(self) -> str:
        replaced = self.of("replaced")
        by_up = [each for each in replaced if not each.by_command]
        by_nodes = len(replaced) - len(by_up)
        texts: list[str] = []
        if by_up:
            worst = by_up[0]
            effect = "" if worst.stays else effect_of_replacement(worst.resource.type)
            named = f"{len(by_up)}, the most severe is {label(worst.resource)}"
            texts.append(f"{named}: {effect}" if effect else named)
        if by_nodes:
            first = next(each for each in replaced if each.by_command)
            named = f"{by_nodes} by make replace-nodes, zone by zone, such as "
            texts.append(named + label(first.resource))
        if unknown := [each for each in self.of("changed") if not each.known]:
            named = f"{len(unknown)} of a type that the diff does not know"
            texts.append(f"{named}, such as {label(unknown[0].resource)}: see pulumi preview")
        if self.renamed:
            texts.append(f"{len(self.renamed)} removed and added under the same name")
        return "; ".join(texts) or "none"


def _identity(resource: Resource) -> tuple[str, str]:
    """Returns the type and the name in AWS or Kubernetes; an empty name if Pulumi generates it."""
    metadata = cast("Mapping[str, str]", resource.inputs.get("metadata") or {})
    name = metadata.get("name") or resource.inputs.get("name") or ""
    return resource.type, f"{metadata.get('namespace', '')}/{name}" if name else ""


def left_of(loss: WorkloadLoss | None) -> str:
    """Returns the pods that remain beside the needed pods, such as 4/4."""
    return "none" if loss is None else f"{loss.left}/{loss.needed or '-'}"


def money(amount: float) -> str:
    """Returns an amount in whole dollars, such as $1,061."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.0f}"
