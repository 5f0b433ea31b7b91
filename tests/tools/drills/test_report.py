"""The report of a drill: terminal and `drills.json`."""

import json
from pathlib import Path

import pytest

from tools.drills.report import Report
from tools.drills.scenarios import Row


def row(subject: str, *, kept: bool) -> Row:
    return Row(
        scenario="zone lost",
        subject=subject,
        promised="at least 4 pods serve",
        seen="4 of 6 [2/2/2 by zone]",
        kept=kept,
    )


@pytest.mark.parametrize(
    ("kept", "mark", "verdict"),
    [
        (True, "✓", "passed: 1 promises kept, 0 broken"),
        (False, "✗", "failed: 0 promises kept, 1 broken"),
    ],
)
def test_each_promise_is_printed_with_what_was_seen(
    kept: bool, mark: str, verdict: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report("prod")
    report.begin(nodes=9, seconds=8.4)
    report.add(row("us-east-1a: web", kept=kept))
    report.write(tmp_path, None)
    assert capsys.readouterr().out == (
        "drill of stack prod: 9 simulated nodes under a real Kubernetes control plane, all pods "
        "ready after 8s\n"
        "A model adds nodes as the Cluster Autoscaler does; a new node is ready after 10s. Pods "
        "end when their grace period ends.\n"
        "\n"
        "zone lost\n"
        f"  {mark} us-east-1a: web: at least 4 pods serve; seen: 4 of 6 [2/2/2 by zone]\n"
        "\n"
        f"{verdict}\n"
    )
    assert report.all_kept is kept
    [written] = json.loads((tmp_path / "drills.json").read_text())["results"]
    assert written["kept"] is kept


def test_a_drill_that_ends_early_has_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Report("prod").write(tmp_path, "drain of general-us-east-1a-0: not within 600s")
    assert "failed: 0 promises kept, 0 broken" in capsys.readouterr().out
    assert json.loads((tmp_path / "drills.json").read_text())["failure"]
