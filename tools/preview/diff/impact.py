"""Differences of zone loss, cost and findings between two snapshots."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.facts.prices import HOURS_PER_MONTH
from tools.preview.diff.snapshot import Json, Snapshot
from tools.preview.zone_loss_answer import zone_loss_answer
from tools.rules.rule import SEVERITIES, Finding

UNKNOWN = "unknown"


def answer(side: Snapshot) -> str:
    """Returns the answer of the zone-loss proof as a sentence without its full stop."""
    if not side.exists:
        return "no stack"
    return UNKNOWN if side.zone_loss is None else zone_loss_answer(side.zone_loss)


@dataclass(frozen=True, kw_only=True)
class WorkloadLoss:
    """Pods of a workload before a failure, without evictions, and after all evictions."""

    needed: int
    """0 for workloads of the system, for which ha-eks makes no claim."""
    before: int
    left: int
    after: int


Losses = Mapping[tuple[str, str], WorkloadLoss]
"""By failure and workload."""


def losses(side: Snapshot) -> Losses:
    """Returns the effects of each failure on the workloads. Zones count once, as one failure."""
    if side.zone_loss is None:
        return {}
    failures = [*side.zone_loss["zones"][:1], *side.zone_loss["others"]]
    return {
        (_failure(each), workload["name"]): WorkloadLoss(
            needed=workload["needed"],
            before=sum(workload["before"].values()),
            left=sum(workload["left"].values()),
            after=sum(workload["after"].values()),
        )
        for each in failures
        for workload in each["workloads"]
    }


def changed_losses(
    before: Snapshot, after: Snapshot
) -> Iterator[tuple[str, str, WorkloadLoss | None, WorkloadLoss | None]]:
    """Yields failure, workload and both effects of those that differ."""
    if UNKNOWN in (answer(before), answer(after)):
        return
    old, new = losses(before), losses(after)
    for key in dict.fromkeys((*new, *old)):
        if old.get(key) != new.get(key):
            yield *key, old.get(key), new.get(key)


def _failure(scenario: Json) -> str:
    match scenario["kind"]:
        case "zone":
            return "any zone"
        case "spot pool":
            return f"spot pool {scenario['pool']}"
        case "node":
            return "largest node"
        case kind:
            return str(kind)


def monthly(side: Snapshot, part: str) -> float | None:
    """Returns the cost of a part in a month: atRest, minimum, maximum or use; None if unknown."""
    if not side.exists:
        return 0.0
    if side.cost is None:
        return None
    if part == "use":
        return sum(each["perMonth"] for each in side.cost["use"])
    return side.cost[part]["perMonth"]


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """An item at rest, or an assumed use, in a month."""

    unit: str = ""
    quantity: float = 0
    per_month: float = 0


def cost_items(
    before: Snapshot, after: Snapshot
) -> Iterator[tuple[str, CostItem | None, CostItem | None]]:
    """Yields each item that differs with its name."""
    if None in (monthly(before, "atRest"), monthly(after, "atRest")):
        return
    old, new = _items(before), _items(after)
    for what in dict.fromkeys((*new, *old)):
        if old.get(what) != new.get(what):
            yield what, old.get(what), new.get(what)


def _items(side: Snapshot) -> Mapping[str, CostItem]:
    if side.cost is None:
        return {}
    at_rest = {
        each["what"]: CostItem(
            quantity=each["quantity"], per_month=round(each["perHour"] * HOURS_PER_MONTH, 4)
        )
        for each in side.cost["atRest"]["items"]
    }
    use = {
        each["what"]: CostItem(
            unit=each["unit"],
            quantity=round(each["quantity"], 4),
            per_month=round(each["perMonth"], 4),
        )
        for each in side.cost["use"]
    }
    return {**at_rest, **use}


def new_findings(before: Snapshot, after: Snapshot) -> list[Finding]:
    """Returns the findings of `after` that `before` does not have, the most severe first.

    A finding is the same one if rule, resource and field are the same: its text has figures.
    """
    known = Counter(map(_identity, before.findings or ()))
    found: list[Finding] = []
    for each in after.findings or ():
        if known[_identity(each)]:
            known[_identity(each)] -= 1
        else:
            found.append(each)
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


def _identity(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.severity, finding.resource, finding.field
