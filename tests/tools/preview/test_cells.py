"""Preview of several cells: one result as lines and as data."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.shared_recordings import recorded
from tools.preview.cells import CellsPreview, cell_findings
from tools.preview.diff.snapshot import report_data
from tools.preview.results import preview_of
from tools.rules.cells.cells import Cells
from tools.rules.rule import Finding, Severity


@pytest.fixture(scope="module")
def cells() -> CellsPreview:
    """The shipped cells of one domain."""
    names = ("prod", "prod-standby")
    previews = [preview_of(recorded(each), Path(), date(2026, 11, 29)) for each in names]
    settings = {each.recording.stack: each.recording.settings for each in previews}
    return CellsPreview(cells=previews, together=cell_findings(Cells(settings=settings)))


def test_each_cell_has_the_data_of_the_preview_of_one_stack(cells: CellsPreview) -> None:
    document = json.loads(json.dumps(cells.data()))
    assert document["findings"] == []
    for each in cells.cells:
        data = document["cells"][each.recording.stack]
        expected = json.loads(json.dumps(report_data(each.findings, each.proof, each.cost)))
        assert {key: value for key, value in data.items() if key != "failover"} == expected
    assert document["cells"]["prod"]["failover"] == {
        "domain": "app.example.com",
        "policy": "failover, primary",
        "drained": False,
        "manualFailback": True,
        "seconds": {"detection": 30, "propagation": 60, "ttl": 60, "complete": 150},
    }


def test_a_cell_without_a_domain_has_no_failover(cells: CellsPreview) -> None:
    dev = preview_of(recorded("dev"), Path(), date(2026, 11, 29))
    data = json.loads(json.dumps(replace(cells, cells=[dev]).data()))
    assert data["cells"]["dev"]["failover"] is None


@pytest.mark.parametrize(("severity", "failed"), [("caution", False), ("error", True)])
def test_findings_on_all_cells_are_printed_and_counted(
    cells: CellsPreview, severity: Severity, failed: bool
) -> None:
    finding = Finding(rule="MC104", severity=severity, resource="prod", field="", text="why")
    found = replace(cells, together=[finding])
    assert found.failed is failed
    assert [*found.lines()][-2:] == [
        "prod and prod-standby together: 1 finding",
        f"{severity} {finding}",
    ]
    assert [each["rule"] for each in json.loads(json.dumps(found.data()))["findings"]] == ["MC104"]
