"""First screen of preview: verdict, zone loss, cost and findings in 24 lines of 80 characters.

More findings or zones make it longer.
"""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from core.availability.zone_proof import ZoneLossProof
from core.cost.cell_cost import CellCost
from settings.reading.wording import counted, listed
from tools.preview.cost import cost_table
from tools.preview.zone_loss import HEADER, loss_lines
from tools.recording import Recording
from tools.rules.rule import SEVERITIES, Finding

WIDTH = 80
"""Characters of a line."""


def headline(recording: Recording, proof: ZoneLossProof, findings: Sequence[Finding]) -> list[str]:
    """Returns the verdict and the number of findings as lines."""
    return _wrapped(f"{recording.stack}: {verdict(recording, proof)}; {_counts(findings)}")


def screen(proof: ZoneLossProof, cost: CellCost) -> Iterator[str]:
    """Yields the lines between the headline and the findings."""
    yield HEADER
    yield from loss_lines(proof)
    yield ""
    yield from cost_table(cost)


def finding_lines(finding: Finding, *, full: bool, width: int) -> list[str]:
    """Returns a finding as lines; a caution is cut to one line unless `full` is true."""
    line = f"{finding.severity} {finding}"
    if finding.severity == "caution" and not full:
        return [textwrap.shorten(line, WIDTH, placeholder=" …")]
    return _wrapped(line, width)


def verdict(recording: Recording, proof: ZoneLossProof) -> str:
    """Returns the answer of the zone-loss proof as a sentence without its full stop."""
    if not proof.zones:
        zone = recording.settings.network.zones_in[0]
        return f"no failover, because {zone} is the only zone in service"
    below = [name for each in proof.zones[:1] for name in each.failure.below_needed]
    if below:
        names = listed(below) if len(below) < 4 else counted(len(below), "workload")
        return f"the loss of a zone leaves too few pods of {names}"
    limits: list[str] = []
    if waiting := len(proof.zones[0].failure.waiting):
        limits.append(f"{counted(waiting, 'pod')} {'waits' if waiting == 1 else 'wait'} for nodes")
    if further := [each.lost_zones[0] for each in proof.zones if each.also]:
        limits.append(f"more than pods fails with {listed(further)}")
    but = f", but {listed(limits)}" if limits else ""
    return f"any one zone can fail, and the needed pods remain{but}"


def _counts(findings: Sequence[Finding]) -> str:
    counts = Counter(each.severity for each in findings)
    return listed([counted(counts[each], each) for each in SEVERITIES if counts[each]]) or (
        "no findings"
    )


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Returns the lines of a text, broken between words only."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
