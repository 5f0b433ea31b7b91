"""Scenarios in several cells at once."""

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.tools.drills import fake_cell
from tools.drills import parallel
from tools.drills.events import Failure

Run = Callable[..., list[Any]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Function that runs scenarios with the fake cell, and returns their events."""
    monkeypatch.setattr(parallel, "_run", fake_cell.run)
    return lambda *names: [*parallel.run_in_cells("prod", {}, names)]


@pytest.mark.parametrize(("cores", "cells"), [(1, 1), (2, 3), (64, 6)])
def test_two_cores_run_three_cells_up_to_a_limit(cores: int, cells: int) -> None:
    assert parallel.cells_on(cores) == cells


def test_each_scenario_runs_once(run: Run) -> None:
    names = ["a", "b", "c", "d", "e"]
    assert sorted(run(*names)) == [("prod", name) for name in names]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("fails", "no memory"), ("killed", "a process of the drill ended with status -9")],
)
def test_a_failure_in_one_cell_ends_the_others(name: str, reason: str, run: Run) -> None:
    began = time.monotonic()
    assert run("long", name) == [Failure(reason)]
    assert time.monotonic() - began < 30


def test_a_drill_that_is_interrupted_ends_its_processes(run: Run) -> None:
    def raise_alarm(*_: object) -> None:
        raise KeyboardInterrupt

    began = time.monotonic()
    before = signal.signal(signal.SIGALRM, raise_alarm)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        with pytest.raises(KeyboardInterrupt):
            run("long", "long")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - began < 30
