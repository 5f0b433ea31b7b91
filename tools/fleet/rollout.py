"""Updates the cells of a fleet one after another, each with a gate before and after it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tools.deploy.aws_cli import AwsError
from tools.deploy.pod_watch import POLL
from tools.deploy.preview_steps import UNCHANGED
from tools.entry_point import status_after
from tools.fleet.fleet_file import Fleet
from tools.fleet.interfaces import Engine, FleetError, Health, ReadHealth
from tools.fleet.journal import Journal
from tools.fleet.run import (
    BAKE,
    EMERGENCY,
    FINISHED,
    PREVIEWED,
    RESUME,
    RESUMED,
    STARTED,
    STOPPED,
    UP,
    Run,
    check_source,
)
from tools.fleet.source import Source

WAITS = 3
"""Exit status of a run that waits: for a person, or for the end of frozen hours."""
_PAGE = "docs/fleet.md#if-the-run-stops"
_UNREAD = 4
"""Consecutive failed reads of the health after which a gate fails: a minute."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """Updates the cells of a fleet in their order."""

    fleet: Fleet
    engine: Engine
    health: ReadHealth
    source: Callable[[], Source]
    """Reads the current source."""
    journal: Journal
    report: Callable[[str], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    poll: float = POLL
    """Seconds between two reads of the health."""

    def start(self, run: Run, emergency: str | None = None) -> None:
        """Updates all cells; raises FleetError if the run is refused or stops.

        With the reason of an emergency, frozen hours and failed gates before a cell do not stop
        the run. The gates after a cell do.
        """
        check_source(run, self.source(), run.cells)
        self.journal.append(STARTED, run=run.id, emergency=emergency)
        self._go_on(run, emergency)

    def resume(self, run: Run, emergency: str | None = None, approved: str | None = None) -> None:
        """Continues a run with the step at which it stopped."""
        left = [each for each in run.cells if (each, BAKE) not in run.passed]
        check_source(run, self.source(), left)
        self.journal.append(RESUMED, run=run.id, emergency=emergency, approved=approved)
        self._go_on(run, emergency, approved)

    def _go_on(self, run: Run, emergency: str | None, approved: str | None = None) -> None:
        approvals = run.approved | {approved or ""}
        try:
            for number, cell in enumerate(run.cells):
                if (cell, BAKE) in run.passed:
                    continue
                self.report(f"{cell} ({number + 1} of {len(run.cells)})")
                if (cell, UP) not in run.passed:
                    if cell not in run.begun:
                        self._check_time(cell, emergency)
                        self._check_approval(cell, run, approvals)
                    check_source(run, self.source(), [cell])
                    self._gate_before(cell, run, emergency)
                    self._up(cell, run)
                self._bake(cell, run, emergency)
        except FleetError as stop:
            self.journal.append(STOPPED, run=run.id, status=stop.status, text=str(stop))
            raise
        except KeyboardInterrupt as error:
            self.journal.append(STOPPED, run=run.id, status=status_after(error), text="interrupted")
            error.add_note(f"{RESUME} continues with this step")
            raise
        self.journal.append(FINISHED, run=run.id)
        self.report("all cells are updated and healthy")

    def _check_time(self, cell: str, emergency: str | None) -> None:
        until = self.fleet.frozen and self.fleet.frozen.until(self.now())
        if until and emergency:
            self.report(f"{cell}: frozen hours, ignored in an emergency: {emergency}")
        elif until:
            raise FleetError(
                f"{cell}: not updated, because these are frozen hours until "
                f"{until:%A %Y-%m-%d %H:%M %Z}; then run {RESUME}, or {EMERGENCY} "
                "now",
                WAITS,
            )

    def _check_approval(self, cell: str, run: Run, approvals: frozenset[str]) -> None:
        if self.fleet.approval and cell != run.cells[0] and cell not in approvals:
            raise FleetError(f"{cell}: waits for approval; run {RESUME} APPROVE={cell}", WAITS)

    def _gate_before(self, cell: str, run: Run, emergency: str | None) -> None:
        """Raises FleetError if a cell of the fleet is unhealthy: its users may be at this cell."""
        for other in run.cells:
            found = self._read(other)
            problem = found if isinstance(found, str) else found.problem
            if problem and not emergency:
                raise FleetError(
                    f"{cell}: not updated, because {other} is not healthy: {problem}; find out why "
                    f"(docs/runbooks/README.md), then run {RESUME}; if this change is the "
                    f"remedy, {EMERGENCY}"
                )
            if problem:
                self.report(f"{other}: {problem}; ignored in an emergency: {emergency}")
            elif isinstance(found, Health) and found.out and other != cell:
                self.report(f"caution: {other} is {found.out}, so that {cell} may serve its users")

    def _up(self, cell: str, run: Run) -> None:
        self.journal.append(UP, run=run.id, cell=cell, result="started")
        self.report(f"{cell}: pulumi up …")
        failure = self.engine.up(cell)
        if failure:
            self.journal.append(UP, run=run.id, cell=cell, result="failed", text=failure)
            raise FleetError(
                f"{cell}: the update failed: {failure}{_unchanged(cell, run)}; fix the cause and "
                f"run {RESUME}; {_PAGE}"
            )
        self.journal.append(UP, run=run.id, cell=cell, result="passed")

    def _bake(self, cell: str, run: Run, emergency: str | None) -> None:
        """Watches a cell for the bake time; raises FleetError if the cell is unhealthy.

        In an emergency, the cell may be unhealthy until it is healthy for the first time.
        """
        minutes = self.fleet.bake_minutes
        self.journal.append(BAKE, run=run.id, cell=cell, result="started")
        self.report(f"{cell}: updated; its health is watched for {minutes} minutes")
        been_healthy, unread, last = not emergency, 0, ""
        for left in range(round(minutes * 60 / self.poll), -1, -1):
            found = self._read(cell)
            if isinstance(found, str):
                unread, problem = unread + 1, found if unread + 1 >= _UNREAD or not left else None
            else:
                unread, problem = 0, found.problem
                been_healthy = been_healthy or not problem
                last = self._tell_redundancy(cell, found, last)
            if problem and (been_healthy or not left):
                self.journal.append(BAKE, run=run.id, cell=cell, result="failed", text=problem)
                raise FleetError(
                    f"{cell}: not healthy after its update: {problem}{_unchanged(cell, run)}; "
                    f"what to do: {_PAGE}"
                )
            if left:
                self.sleep(self.poll)
        self.journal.append(BAKE, run=run.id, cell=cell, result="passed")
        self.report(f"{cell}: healthy")

    def _read(self, cell: str) -> Health | str:
        """Returns the health of a cell, or why it cannot be read."""
        try:
            return self.health(cell)
        except AwsError as error:
            return f"the health cannot be read: {error}"

    def _tell_redundancy(self, cell: str, found: Health, last: str) -> str:
        """Reports a new state of the alarm on redundancy, and returns the state."""
        text = found.redundancy or ""
        if text and text != last:
            self.report(f"{cell}: the alarm redundancy is {text}; it does not stop the run")
        return text


def _unchanged(cell: str, run: Run) -> str:
    """Returns a clause that names the cells after a cell."""
    after = run.cells[run.cells.index(cell) + 1 :]
    return f"; unchanged: {', '.join(after)}" if after else ""


def preview(
    cells: Sequence[str],
    engine: Engine,
    source: Callable[[], Source],
    journal: Journal,
    report: Callable[[str], None],
    run_id: str,
) -> None:
    """Previews all cells, and records the result with the source; raises FleetError."""
    before, found = source(), dict[str, dict[str, int]]()
    for cell in cells:
        report(f"{cell}: pulumi preview …")
        found[cell] = dict(engine.preview(cell))
        report(f"{cell}: {counts_text(found[cell])}")
    after = source()
    changes = [*after.changes(before.data(), cells)]
    if changes:
        raise FleetError(f"changed during the preview: {'; '.join(changes)}; run it again")
    journal.append(PREVIEWED, run=run_id, source=after.data(), cells=found)


def counts_text(counts: Mapping[str, int]) -> str:
    """Returns the changes of a preview in words, such as `2 update, 1 create`."""
    changed = [f"{number} {name}" for name, number in counts.items() if name not in UNCHANGED]
    return ", ".join(changed) or "no changes"
