"""The run that the journal of a fleet describes: a preview, and the steps after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.fleet.interfaces import FleetError
from tools.fleet.journal import Record
from tools.fleet.source import Source

PREVIEW, RESUME = "make fleet-preview", "make fleet-resume"
EMERGENCY = f"{RESUME} EMERGENCY='REASON'"
PREVIEWED, STARTED, RESUMED = "previewed", "started", "resumed"
STOPPED, FINISHED = "stopped", "finished"
UP, BAKE = "up", "bake"
"""Steps of a cell; each has a record when it begins and one when it ends."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The last preview in a journal, and its run if there is one."""

    id: str
    """Identifier: the time of the preview."""
    source: Mapping[str, Any]
    """Source of the preview."""
    cells: Sequence[str]
    """Cells in the order of the preview."""
    started: bool
    finished: bool
    passed: frozenset[tuple[str, str]]
    """Cell and step of the steps that have passed."""
    begun: frozenset[str]
    """Cells whose update has begun."""
    approved: frozenset[str]
    """Cells that a person has approved."""

    @property
    def position(self) -> str:
        """The step at which the run continues."""
        for cell in self.cells:
            for step in (UP, BAKE):
                if (cell, step) not in self.passed:
                    return f"{cell}: {step}"
        return "the end"


def last_run(records: Sequence[Record]) -> Run | None:
    """Returns the run of the last preview; None without a preview."""
    previews = [each for each in records if each["event"] == PREVIEWED]
    if not previews:
        return None
    preview = previews[-1]
    own = [each for each in records if each.get("run") == preview["run"]]
    events = {each["event"] for each in own}
    steps = [each for each in own if each["event"] in (UP, BAKE)]
    return Run(
        id=preview["run"],
        source=preview["source"],
        cells=[*preview["cells"]],
        started=STARTED in events,
        finished=FINISHED in events,
        passed=frozenset(
            (each["cell"], each["event"]) for each in steps if each["result"] == "passed"
        ),
        begun=frozenset(each["cell"] for each in steps if each["event"] == UP),
        approved=frozenset(each["approved"] for each in own if each.get("approved")),
    )


def run_to_start(run: Run | None, cells: Sequence[str]) -> Run:
    """Returns the run that `up` starts; raises FleetError without an unused preview."""
    if run is None:
        raise FleetError(f"the journal has no preview; run {PREVIEW} first")
    if run.finished:
        raise FleetError(f"the preview of {run.id} is deployed; run {PREVIEW} again")
    if run.started:
        raise FleetError(
            f"the run of {run.id} has stopped at {run.position}; run {RESUME}, or "
            f"{PREVIEW} to begin again with the first cell"
        )
    return _with_cells(run, cells)


def run_to_resume(run: Run | None, cells: Sequence[str]) -> Run:
    """Returns the run that `resume` continues; raises FleetError if there is none."""
    if run is None or not run.started:
        raise FleetError("the journal has no run to resume; run make fleet-up")
    if run.finished:
        raise FleetError(f"the run of {run.id} is finished; there is nothing to resume")
    return _with_cells(run, cells)


def _with_cells(run: Run, cells: Sequence[str]) -> Run:
    """Returns a run of these cells; raises FleetError if it has others."""
    if [*run.cells] != [*cells]:
        raise FleetError(
            f"fleet.yaml has the cells {', '.join(cells)}, but the preview of {run.id} has "
            f"{', '.join(run.cells)}; run {PREVIEW} again"
        )
    return run


def check_source(run: Run, source: Source, cells: Sequence[str]) -> None:
    """Raises FleetError if the program or some cells changed since the preview."""
    changes = [*source.changes(run.source, cells)]
    if changes:
        raise FleetError(
            f"changed since the preview of {run.id}: {'; '.join(changes)}; undo this, or run "
            f"{PREVIEW} again"
        )
