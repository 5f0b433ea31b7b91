"""Runs `python -m tools.deploy.experiment`: arguments, questions, output and exit status."""

import json
import os
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.command_machine import Machine
from tests.conftest import recording_of
from tests.tools.deploy.experiment.experiment_cell import ExperimentCell, play_pulumi
from tools.deploy.check.run import Read
from tools.deploy.experiment import __main__ as command
from tools.deploy.experiment.experiment import Running
from tools.entry_point import status_of
from tools.recording import Recording

Run = Callable[..., int]


class Terminal(StringIO):
    """A terminal in which a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> ExperimentCell:
    """The cell prod, which is protected."""

    play_pulumi(monkeypatch)
    return ExperimentCell(recording_of("prod"), "terminate-nodes")


@pytest.fixture
def run(cell: ExperimentCell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command with arguments in the cell."""

    @contextmanager
    def reader(recording: Recording) -> Generator[Read]:
        yield cell.readings

    def running(**arguments: Any) -> Running:
        return Running(**arguments, now=lambda: cell.now, sleep=cell.sleep)

    def recorded(stack: str) -> Recording:
        return cell.recording

    def runs(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["experiment", *arguments])
        return status_of(command.main)

    monkeypatch.setattr(command, "record", recorded)
    monkeypatch.setattr(command, "reader_of", reader)
    monkeypatch.setattr(command, "Running", running)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    return runs


def test_the_name_of_a_protected_cell_is_typed(
    cell: ExperimentCell,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("dev\n"))
    assert run("prod", "terminate-nodes") == 2
    assert 'not started: you typed "dev", and the cell is prod' in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", Terminal("prod\n"))
    assert run("prod", "terminate-nodes") == 0
    assert len(cell.requests_of("start-experiment")) == 1


def test_without_a_terminal_only_yes_starts_an_experiment_in_a_protected_cell(
    cell: ExperimentCell,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("prod\n"))
    assert run("prod", "terminate-nodes") == 2
    assert (
        "not started: prod is protected, so that the command asks for its name, and needs a "
        "terminal; without one: make experiment STACK=prod NAME=terminate-nodes YES=1"
    ) in capsys.readouterr().err
    assert not cell.requests_of("start-experiment")
    assert run("prod", "terminate-nodes", "--yes", "--json") == 0
    [record] = json.loads((tmp_path / "build" / "prod" / "experiments.json").read_text())
    assert json.loads(capsys.readouterr().out) == record


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_experiment(
    cell: ExperimentCell, run: Run, number: signal.Signals
) -> None:
    cell.at[4] = lambda: os.kill(os.getpid(), number)
    assert run("prod", "terminate-nodes", "--yes") == 128 + number
    assert len(cell.requests_of("stop-experiment")) == 1


def test_an_interrupt_after_the_end_leaves_the_result_to_the_next_command(
    cell: ExperimentCell, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    cell.at[cell.experiment.minutes + 2] = lambda: os.kill(os.getpid(), signal.SIGINT)
    assert run("prod", "terminate-nodes", "--yes") == 130
    assert capsys.readouterr().err.endswith(
        "interrupted; make experiment STACK=prod NAME=terminate-nodes continues\n"
    )
    assert run("prod", "terminate-nodes") == 0
    assert len(cell.requests_of("start-experiment")) == 1


def test_a_cell_that_cannot_be_read_is_one_line(
    cell: ExperimentCell, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    cell.fails = ("list-experiment-templates",)
    assert run("prod", "terminate-nodes") == 2
    assert capsys.readouterr().err == "aws fis list-experiment-templates: no access\n"


def test_an_unknown_experiment_is_corrected(machine: Machine) -> None:
    done = machine.runs("tools.deploy.experiment", "own", "lose-zone")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        'lose-zone: no such experiment; did you mean "lose-a-zone"? Experiments: delete-pods, '
    )
    assert machine.called()


def test_without_a_name_the_experiments_are_listed(machine: Machine) -> None:
    done = machine.runs("tools.deploy.experiment", "own")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  terminate-nodes    10 minutes, $1.10  The nodes of one pool" in done.stdout
    assert machine.called()


@pytest.mark.parametrize(
    ("given", "passed"),
    [((), ""), (("YES=1",), "[--yes]"), (("JSON=1",), "[--json]"), (("PREVIEW=1",), "[--preview]")],
)
def test_make_passes_name_and_options(
    machine: Machine, given: tuple[str, ...], passed: str
) -> None:
    machine.make("experiment", "STACK=prod", "NAME=lose-a-zone", *given)
    call = f"python [-m][tools.deploy.experiment][prod][lose-a-zone]{passed}"
    assert machine.called(call)


def test_make_ignores_variables_of_other_programs(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NAME", "YES", "CLUSTER"):
        monkeypatch.setenv(name, "laptop")
    machine.make("experiment", "STACK=prod")
    machine.make("shift", "STACK=prod", "ZONE=us-east-1a")
    experiment, shift = machine.calls()
    assert experiment.startswith("python [-m][tools.deploy.experiment][prod] in ")
    assert "[--zone][us-east-1a] in " in shift, "the cluster would be shifted too"
