"""The page about experiments shows the output of a run that is played here."""

from pathlib import Path

import pytest

from tests.conftest import recording_of
from tests.tools.deploy.experiment.experiment_cell import ExperimentCell, play_pulumi
from tools.recording.record import ROOT


def test_the_run_on_the_page_is_a_played_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_pulumi(monkeypatch)
    cell = ExperimentCell(recording_of("prod"))
    cell.values = {
        "HealthyHostCount": [6, 6, 4, 4, 6],
        "errors": [0, 0.4, 0.1],
        "TargetResponseTime": [0.2, 0.3],
        "replicas_ready web": [6, 4],
        "replicas_ready cache": [3, 2],
    }
    pods = [*cell.pods("web"), *cell.pods("cache")]
    lost = [each for each in pods if each["spec"]["nodeName"].endswith("1a-0")]

    def ready(status: str) -> None:
        for each in lost:
            each["status"]["conditions"][0]["status"] = status

    cell.at = {
        1.5: lambda: ready("False"),
        4: lambda: cell.goes_off("redundancy", ends=33),
        32: lambda: ready("True"),
    }
    lines: list[str] = []
    assert cell.runs_experiment(tmp_path, lines)[0] == 0
    output = iter("\n".join(lines).splitlines())
    _, _, section = (ROOT / "docs" / "experiments.md").read_text().partition("## Run an experiment")
    block = section.split("```")[1].splitlines()
    shown = [each for each in block if each not in ("console", "…") and not each.startswith("$")]
    assert len(shown) > 30
    for line in shown:
        assert any(each == line for each in output), f"the run does not print next: {line}"
