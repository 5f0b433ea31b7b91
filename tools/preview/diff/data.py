"""A comparison as data for `--json`, described in docs/diff.md."""

from collections.abc import Mapping
from dataclasses import asdict

from tools.preview.diff.comparison import Comparison
from tools.preview.diff.consequences import effect_of_removal, effect_of_replacement
from tools.preview.diff.impact import CostItem, answer, changed_losses, cost_items, monthly
from tools.preview.diff.resources import ResourceChange
from tools.preview.diff.secrets import masked
from tools.preview.diff.snapshot import Snapshot
from tools.preview.diff.values import Absent, Change


def diff_data(comparison: Comparison) -> Mapping[str, object]:
    """Returns a comparison as data. Secrets are masked."""
    before, after = comparison.before, comparison.after
    return {
        "stack": comparison.stack,
        "before": _side(before),
        "after": _side(after),
        "summary": [f"{title}: {text}" for title, text in comparison.summary],
        "notes": [*comparison.notes],
        "interruptions": [
            {"app": each.app, "text": each.text} for each in comparison.interruptions
        ],
        "workloads": [
            {
                "failure": failure,
                "name": name,
                "before": old and asdict(old),
                "after": new and asdict(new),
            }
            for failure, name, old, new in changed_losses(before, after)
        ],
        "costItems": [
            {"what": what, "before": _cost_item(old), "after": _cost_item(new)}
            for what, old, new in cost_items(before, after)
        ],
        "findings": {
            "new": [asdict(each) for each in comparison.new_findings],
            "gone": [asdict(each) for each in comparison.gone_findings],
        },
        "renamed": [
            {"removed": urn, "added": each.urn} for urn, each in comparison.renamed.items()
        ],
        "resources": [_resource(each) for each in comparison.resources],
    }


def _side(side: Snapshot) -> Mapping[str, object]:
    proof = side.zone_loss or {}
    return {
        "name": side.name,
        "exists": side.exists,
        "zoneLoss": answer(side),
        "holds": proof.get("holds"),
        "complete": proof.get("complete"),
        "costPerMonth": {
            part: monthly(side, part) for part in ("atRest", "minimum", "maximum", "use")
        },
    }


def _cost_item(item: CostItem | None) -> Mapping[str, object] | None:
    if item is None:
        return None
    return {"quantity": item.quantity, "unit": item.unit or None, "perMonth": item.per_month}


def _resource(change: ResourceChange) -> Mapping[str, object]:
    resource = change.resource
    return {
        "action": change.action,
        "type": resource.type,
        "name": resource.name,
        "urn": resource.urn,
        "effect": _effect(change) or None,
        "forcedBy": [*change.forced_by],
        "replacementKnown": change.known,
        "byReplaceNodes": change.by_command,
        "deletedFirst": change.deleted_first,
        "changes": [_change(each) for each in change.changes],
    }


def _effect(change: ResourceChange) -> str:
    match change.action:
        case "replaced":
            return effect_of_replacement(change.resource.type)
        case "removed":
            return effect_of_removal(change.resource.type)
        case "added" | "changed":
            return ""


def _change(change: Change) -> Mapping[str, object]:
    """Returns a change; a side that has no value has no key."""
    sides = {"old": change.old, "new": change.new}
    return {
        "path": change.path,
        **{key: masked(value) for key, value in sides.items() if not isinstance(value, Absent)},
    }
