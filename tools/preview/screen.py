"""First screen of preview: verdict, zone loss, cost and findings in 24 lines of 80 characters.

More findings or zones make it longer.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from core.availability.zone_proof import ZoneLossProof
from core.cost.cell_cost import CellCost
from settings.audit.audit import Audit
from settings.reading.lines import Place
from settings.reading.wording import counted, listed
from tools.preview.cost import cost_table
from tools.preview.zone_loss import HEADER, loss_lines
from tools.preview.zone_loss_answer import zone_loss_answer
from tools.preview.zone_loss_details import loss_data
from tools.recording import Recording
from tools.rules.rule import SEVERITIES, Finding

WIDTH = 80
"""Characters of a line."""


def headline(recording: Recording, proof: ZoneLossProof, findings: Sequence[Finding]) -> list[str]:
    """Returns the verdict and the number of findings as lines."""
    return _wrapped(f"{recording.stack}: {zone_loss_answer(loss_data(proof))}; {_counts(findings)}")


def failure(failed: Sequence[Finding], audit: Audit) -> str:
    """Returns the line that says why the exit status is not 0."""
    return (
        f"failed: {counted(len(failed), 'finding')} of severity {audit.fail_on} or above; correct "
        f"{'it' if len(failed) == 1 else 'them'}, or write a waiver in ha-eks:audit"
    )


def screen(proof: ZoneLossProof, cost: CellCost) -> Iterator[str]:
    """Yields the lines between the headline and the findings."""
    yield HEADER
    yield from loss_lines(proof)
    yield ""
    yield from cost_table(cost)


def findings_in_short(
    found: Iterable[tuple[Finding, Place]],
) -> Iterator[tuple[Finding, Place, int]]:
    """Yields each finding with 0, but of the cautions of a rule only the first one, with the
    number of the others."""
    placed = [*found]
    cautions = Counter(each.rule for each, _ in placed if each.severity == "caution")
    for each, place in placed:
        if each.severity != "caution":
            yield each, place, 0
        elif count := cautions.pop(each.rule, 0):
            yield each, place, count - 1


def finding_lines(
    finding: Finding, place: Place, *, full: bool, width: int, others: int = 0
) -> list[str]:
    """Returns a finding as lines, with the place of its value in the stack file or shared file.

    A caution is cut to one line, without the place, unless `full` is true; the line ends with the
    number of other cautions of the rule.
    """
    line = f"{finding.severity} {finding}"
    if finding.severity == "caution" and not full:
        end = f" (and {others} more)" if others else ""
        return [textwrap.shorten(line, min(WIDTH, width) - len(end), placeholder=" …") + end]
    return _wrapped(f"{line} ({place})", width)


def _counts(findings: Sequence[Finding]) -> str:
    counts = Counter(each.severity for each in findings)
    return listed([counted(counts[each], each) for each in SEVERITIES if counts[each]]) or (
        "no findings"
    )


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Returns the lines of a text, broken between words only."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
