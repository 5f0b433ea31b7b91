"""Previews an experiment: what it would act on, and what would prevent its start."""

from pathlib import Path

import pytest

from tests.tools.deploy.experiment.experiment_cell import ExperimentCell
from tests.tools.deploy.experiment.test_run import interrupt, pending
from tools.deploy.experiment.fis import ExperimentError


def test_a_preview_prints_the_targets_and_runs_no_action(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    assert cell.running(tmp_path, lines, interrupt).preview(lines.append) == 0
    assert lines[-3:] == [
        "stop-nodes (aws:ec2:instance): 2",
        "  arn:aws:ec2:us-east-1:123456789012:instance/i-1",
        "  arn:aws:ec2:us-east-1:123456789012:instance/i-2",
    ]
    [request] = cell.requests_of("start-experiment")
    assert request[-2:] == ("--experiment-options", '{"actionsMode": "skip-all"}')
    del cell.ends["EXP9"]
    assert cell.runs_experiment(tmp_path, lines)[1]["id"] == "EXP2", "a preview is no run"


def test_a_preview_shows_what_would_prevent_the_start(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    pending(cell)
    assert cell.running(tmp_path, lines).preview(lines.append) == 2
    assert "stop-nodes (aws:ec2:instance): 2" in lines


def test_a_preview_without_targets_names_the_reason(
    cell: ExperimentCell, tmp_path: Path, lines: list[str]
) -> None:
    cell.at[0.25] = lambda: cell.ends.update(
        EXP9={"after": 0.25, "status": "failed", "reason": "Target resolution returned empty set"}
    )
    with pytest.raises(ExperimentError) as error:
        cell.running(tmp_path, lines).preview(lines.append)
    assert str(error.value) == ("no preview: EXP9 is failed: Target resolution returned empty set")
