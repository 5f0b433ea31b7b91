"""Preview of several cells of one domain: each cell, and the findings on all cells together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from settings.reading.wording import counted, listed
from tools.preview.diff.snapshot import report_data
from tools.preview.report.failover import failover_of, failover_sentence
from tools.preview.results import Preview, preview_of
from tools.preview.screen import headline
from tools.recording import Recording, record
from tools.recording.record import ROOT
from tools.rules.cells.all_rules import CELL_RULES
from tools.rules.cells.cells import Cells
from tools.rules.rule import SEVERITIES, Finding, findings_of
from tools.rules.stack import failing


@dataclass(frozen=True, kw_only=True)
class CellsPreview:
    """Previews of cells, and the findings on all of them together."""

    cells: Sequence[Preview]
    together: Sequence[Finding]
    """The most severe first."""

    @property
    def failed(self) -> bool:
        """True if a finding fails the preview. The first stack file has the threshold of those on
        all cells."""
        fail_on = self.cells[0].recording.settings.audit
        return bool(failing(self.together, fail_on)) or any(
            failing(each.findings, each.recording.settings.audit) for each in self.cells
        )

    def lines(self) -> Iterator[str]:
        """Yields the headline and the failover of each cell, then the findings on all cells."""
        for each in self.cells:
            yield from headline(each.recording, each.proof, each.findings)
            view = failover_of(each.recording)
            yield from [f"  {failover_sentence(view)}"] if view else []
        found = self.together
        stacks = listed([each.recording.stack for each in self.cells])
        yield ""
        yield f"{stacks} together: {counted(len(found), 'finding') if found else 'no findings'}"
        yield from (f"{each.severity} {each}" for each in found)

    def data(self) -> Mapping[str, object]:
        """Returns the data that `--json` prints: each cell as in the preview of one stack."""
        return {
            "cells": {
                each.recording.stack: {
                    **report_data(each.findings, each.proof, each.cost),
                    "failover": _failover_data(each.recording),
                }
                for each in self.cells
            },
            "findings": [asdict(each) for each in self.together],
        }


def preview_cells(stacks: Sequence[str], today: date) -> CellsPreview:
    """Returns the preview of several cells; raises SettingsError and RecordingError."""
    cells = [preview_of(record(each), ROOT / f"Pulumi.{each}.yaml", today) for each in stacks]
    settings = {each.recording.stack: each.recording.settings for each in cells}
    return CellsPreview(cells=cells, together=cell_findings(Cells(settings=settings)))


def cell_findings(cells: Cells) -> Sequence[Finding]:
    """Returns the findings on several cells, the most severe first."""
    found = findings_of(CELL_RULES, cells)
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


def _failover_data(recording: Recording) -> Mapping[str, object] | None:
    view = failover_of(recording)
    if view is None:
        return None
    seconds = view.seconds
    return {
        "domain": view.domain,
        "policy": view.policy,
        "drained": view.drained,
        "manualFailback": view.manual_failback,
        "seconds": {
            "detection": seconds.detected,
            "propagation": seconds.propagation,
            "ttl": seconds.ttl,
            "complete": seconds.complete,
        },
    }
