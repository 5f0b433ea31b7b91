"""First screen of preview: verdict, zone loss, cost and findings in 24 lines of 80 characters.

More findings or zones make it longer.
"""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from core.availability.zone_proof import ZoneLossProof
from core.cost import Cost
from core.facts.prices import REGION
from settings.reading.wording import counted, listed
from tools.preview.cost import dollars
from tools.preview.zone_loss import HEADER, loss_lines
from tools.recording import Recording
from tools.rules.rule import SEVERITIES, Finding

WIDTH = 80
"""Characters of a line."""


def screen(
    recording: Recording, proof: ZoneLossProof, cost: Cost, findings: Sequence[Finding]
) -> Iterator[str]:
    """Yields the lines of the first screen."""
    yield from _wrapped(f"{recording.stack}: {verdict(recording, proof)}; {_counts(findings)}")
    yield ""
    yield HEADER
    yield from loss_lines(proof)
    yield ""
    yield (
        f"Cost at rest: {dollars(cost.per_hour)} an hour, ${cost.per_month:,.0f} a month at list "
        f"prices of {REGION}"
    )


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
    waiting = len(proof.zones[0].failure.waiting)
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        return (
            "any one zone can fail, and the needed pods remain, but "
            f"{counted(waiting, 'pod')} {verb} for new nodes"
        )
    return "any one zone can fail, and the needed pods remain"


def _counts(findings: Sequence[Finding]) -> str:
    counts = Counter(each.severity for each in findings)
    return listed([counted(counts[each], each) for each in SEVERITIES if counts[each]]) or (
        "no findings"
    )


def _wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Returns the lines of a text, broken between words only."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
