"""Snapshot of a stack for a comparison: its resources, findings, zone-loss proof and cost.

`python -m tools.preview STACK --snapshot FILE` writes this data as JSON, secrets included. A
comparison runs that command with the program of another revision, so that the code of two
revisions never runs in one process.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

from core.availability.zone_proof import ZoneLossProof
from core.cost.cell_cost import CellCost
from tools.preview.cost_details import cost_data
from tools.preview.zone_loss_details import loss_data
from tools.recording import Recording, Resource
from tools.rules.rule import Finding

FORMAT = 1
"""Number of the format; another one cannot be read."""

Json = Mapping[str, Any]  # Any: JSON of any shape


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A stack at one side of a comparison. Unknown is what an older revision does not print."""

    name: str
    """Revision or file."""
    resources: Sequence[Resource] = ()
    """Resources in AWS and Kubernetes, and their providers, in an order of creation."""
    findings: Sequence[Finding] | None = None
    """Findings of the audit; None if unknown."""
    zone_loss: Json | None = None
    """The zone-loss proof in the format of `--json`; None if unknown, or without a stack."""
    cost: Json | None = None
    """The cost in the format of `--json`; None if unknown, or without a stack."""
    exists: bool = True
    """False if the stack does not exist at the revision."""
    other_packages: bool = False
    """True if the revision requires other Python packages than those that recorded it."""


def snapshot_json(
    recording: Recording, findings: Sequence[Finding], proof: ZoneLossProof, cost: CellCost
) -> str:
    """Returns the data of a stack as JSON."""
    document = {
        "format": FORMAT,
        **report_data(findings, proof, cost),
        "resources": [asdict(each) for each in recording.resources],
    }
    return json.dumps(document)


def report_data(findings: Sequence[Finding], proof: ZoneLossProof, cost: CellCost) -> Json:
    """Returns the data that `--json` prints."""
    return {
        "findings": [asdict(each) for each in findings],
        "zoneLoss": loss_data(proof),
        "cost": cost_data(cost),
    }


def snapshot_of(name: str, document: Json) -> Snapshot:
    """Returns the snapshot of the data of a stack; unknown keys are ignored."""
    findings = document.get("findings")
    return Snapshot(
        name=name,
        resources=[
            each
            for each in map(_resource, document["resources"])
            if each.custom  # components exist only in the state of Pulumi
        ],
        findings=None if findings is None else [_finding(each) for each in findings],
        zone_loss=document.get("zoneLoss"),
        cost=document.get("cost"),
    )


def read_json(file: Path) -> Json:
    """Returns the content of a file with JSON."""
    return cast("Json", json.loads(file.read_text(encoding="utf-8")))


def _resource(document: Json) -> Resource:
    known = {each.name for each in fields(Resource)}
    values = {key: value for key, value in document.items() if key in known}
    for key in ("dependencies", "transforms", "secrets"):
        values[key] = tuple(values.get(key, ()))
    return Resource(**values)


def _finding(document: Json) -> Finding:
    return Finding(**{each.name: document[each.name] for each in fields(Finding)})
