"""The report of a drill: terminal and `drills.json`."""

import json
from pathlib import Path
from typing import Literal

import pytest

from tools.drills.report import Report
from tools.drills.result import Result


def result(
    seen: float | None,
    bound: Literal["at least", "at most"] = "at least",
    baseline: float | None = None,
) -> Result:
    return Result(
        scenario="zone lost",
        subject="us-east-1a: web",
        bound=bound,
        computed=4,
        unit="pods serve",
        seen=seen,
        baseline=baseline,
        detail="of 6 [2/2/2 by zone]",
    )


@pytest.mark.parametrize(
    ("bound", "seen", "kept"),
    [
        ("at least", 4, True),
        ("at least", 3.9, False),
        ("at most", 4.4, True),
        ("at most", 4.5, False),
        ("at most", None, False),
        ("at least", None, False),
    ],
)
def test_times_may_exceed_the_computed_figure_by_a_tenth(
    bound: Literal["at least", "at most"], seen: float | None, kept: bool
) -> None:
    assert result(seen, bound).kept is kept


@pytest.mark.parametrize(
    ("seen", "mark", "text", "verdict"),
    [
        (4, "✓", "4", "passed: 1 promises kept, 0 broken"),
        (3, "✗", "3", "failed: 0 promises kept, 1 broken"),
        (None, "✗", "not within the time", "failed: 0 promises kept, 1 broken"),
    ],
)
def test_each_promise_is_printed_with_what_was_seen(
    seen: float | None,
    mark: str,
    text: str,
    verdict: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = Report("prod")
    report.begin(nodes=9, seconds=8.4)
    report.add(result(seen, baseline=2))
    report.write(tmp_path, None)
    assert capsys.readouterr().out == (
        "drill of stack prod: 9 simulated nodes under a real Kubernetes control plane, all pods "
        "ready after 8s\n"
        "A model adds nodes as the Cluster Autoscaler does; a new node is ready after 10s. Pods "
        "end when their grace period ends.\n"
        "\n"
        "zone lost\n"
        f"  {mark} us-east-1a: web: at least 4 pods serve; seen: {text} (of 6 "
        "[2/2/2 by zone]); baseline: 2\n"
        "\n"
        f"{verdict}\n"
    )
    assert report.all_kept is (seen == 4)
    [written] = json.loads((tmp_path / "drills.json").read_text())["results"]
    assert written["kept"] is (seen == 4)


def test_a_drill_that_ends_early_has_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Report("prod").write(tmp_path, "drain of general-us-east-1a-0: not within 600s")
    assert "failed: 0 promises kept, 0 broken" in capsys.readouterr().out
    assert json.loads((tmp_path / "drills.json").read_text())["failure"]
