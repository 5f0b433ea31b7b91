"""Everything that preview calculates from a recording, for the terminal and the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core.availability.zone_proof import ZoneLossProof
from core.cost.cell_cost import CellCost
from tools.preview.cost import cell_cost_of
from tools.preview.zone_loss import proof_of
from tools.recording import Recording
from tools.rules.rule import Finding
from tools.rules.stack import stack_findings


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A recording with its findings, zone-loss proof and cost."""

    recording: Recording
    file: Path
    """The stack file."""
    today: date
    """Day for which dates of expiry and end of support are compared."""
    findings: Sequence[Finding]
    proof: ZoneLossProof
    cost: CellCost


def preview_of(recording: Recording, file: Path, today: date) -> Preview:
    """Returns everything that preview calculates from a recording."""
    return Preview(
        recording=recording,
        file=file,
        today=today,
        findings=stack_findings(recording, today),
        proof=proof_of(recording.settings),
        cost=cell_cost_of(recording, today),
    )
