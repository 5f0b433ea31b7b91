"""Preview of several cells of one domain: a headline for each, and the findings on all together."""

from collections.abc import Iterator, Sequence
from datetime import date

from settings.reading.wording import counted, listed
from tools.preview.report.failover import failover_of, failover_sentence
from tools.preview.results import preview_of
from tools.preview.screen import headline
from tools.recording import record
from tools.recording.record import ROOT
from tools.rules.cells.all_rules import CELL_RULES
from tools.rules.cells.cells import Cells
from tools.rules.rule import SEVERITIES, Finding, findings_of
from tools.rules.stack import failing


def preview_cells(stacks: Sequence[str], today: date) -> tuple[Sequence[str], bool]:
    """Returns the lines of the preview of several cells; true if findings fail it.

    Raises SettingsError and RecordingError.
    """
    previews = [preview_of(record(each), ROOT / f"Pulumi.{each}.yaml", today) for each in stacks]
    recordings = [each.recording for each in previews]
    cells = Cells(settings={each.stack: each.settings for each in recordings})
    found = cell_findings(cells)
    lines: list[str] = []
    for each in previews:
        lines += headline(each.recording, each.proof, each.findings)
        view = failover_of(each.recording)
        lines += [f"  {failover_sentence(view)}"] if view else []
    lines += ["", *_together(stacks, found)]
    fail_on = recordings[0].settings.audit
    failed = failing(found, fail_on) or [
        finding
        for each in previews
        for finding in failing(each.findings, each.recording.settings.audit)
    ]
    return lines, bool(failed)


def cell_findings(cells: Cells) -> Sequence[Finding]:
    """Returns the findings on several cells, the most severe first."""
    found = findings_of(CELL_RULES, cells)
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


def _together(stacks: Sequence[str], found: Sequence[Finding]) -> Iterator[str]:
    yield f"{listed(stacks)} together: {counted(len(found), 'finding') if found else 'no findings'}"
    yield from (f"{each.severity} {each}" for each in found)
