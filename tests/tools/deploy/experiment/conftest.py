"""The cell in which experiments run, and the output of the command."""

import pytest

from tests.conftest import recording_of
from tests.tools.deploy.experiment.experiment_cell import LISTED, ExperimentCell, play_pulumi


@pytest.fixture
def lines() -> list[str]:
    """Output of the command."""
    return []


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> ExperimentCell:
    """The cell prod, which is well."""

    play_pulumi(monkeypatch, stacks=LISTED)
    cell = ExperimentCell(recording_of("prod"))
    cell.values = {
        "HealthyHostCount": [9.0, 6.0, 8.0],
        "errors": [0.0, 0.25],
        "replicas_ready web": [6.0, 5.0],
        "replicas_ready cache": [3.0, 3.0, 2.0],
    }
    return cell
