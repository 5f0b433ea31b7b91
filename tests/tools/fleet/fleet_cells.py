"""A fleet of three cells in one process, with a fake Pulumi, fake health and a fake clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tools.deploy.aws_cli import AwsError
from tools.fleet.fleet_file import Fleet
from tools.fleet.interfaces import Health
from tools.fleet.journal import Journal, Record
from tools.fleet.rollout import Rollout, preview
from tools.fleet.run import last_run, run_to_resume, run_to_start
from tools.fleet.source import Source

CELLS = ("one", "two", "three")
HEALTHY = Health(serving=True, drained=False, impact=None, redundancy=None)
ALARM = Health(serving=True, drained=False, impact="ALARM: errors", redundancy=None)


class KilledError(BaseException):
    """The process was killed; no code handles this."""


@dataclass
class FleetOfCells:
    """Three cells, and what happened to them in order."""

    folder: Path
    events: list[str] = field(default_factory=list[str])
    """Updates and reads of the health, such as `up one`, without repeated reads."""
    lines: list[str] = field(default_factory=list[str])
    health: dict[str, Health | AwsError] = field(default_factory=dict[str, Any])
    failing: dict[str, str] = field(default_factory=dict[str, str])
    """Reasons of failed updates by cell."""
    after_up: Callable[[str], None] = lambda cell: None
    revision: str = "a" * 40
    settings: dict[str, dict[str, str]] = field(
        default_factory=lambda: {cell: {f"Pulumi.{cell}.yaml": "settings"} for cell in CELLS}
    )
    now: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
    kill_after: int | None = None
    """Number of journal records after which the process is killed."""
    file: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further keys of fleet.yaml."""

    def preview(self, cell: str) -> Mapping[str, int]:
        self.events.append(f"preview {cell}")
        return {"same": 100, "update": 2}

    def up(self, cell: str) -> str | None:
        self.events.append(f"up {cell}")
        self.after_up(cell)
        return self.failing.get(cell)

    def read(self, cell: str) -> Health:
        if self.events[-1:] != [f"read {cell}"]:
            self.events.append(f"read {cell}")
        found = self.health.get(cell, HEALTHY)
        if isinstance(found, AwsError):
            raise found
        return found

    def source(self) -> Source:
        return Source(revision=self.revision, uncommitted={}, settings=self.settings)

    def edit(self, cell: str) -> None:
        """Changes the stack file of a cell."""
        self.settings = {**self.settings, cell: {f"Pulumi.{cell}.yaml": "edited"}}

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def journal(self) -> Journal:
        def written(record: Record) -> None:
            if self.kill_after is not None:
                self.kill_after -= 1
                if self.kill_after == 0:
                    raise KilledError

        return Journal(self.folder, written, lambda: self.now)

    def previewed(self) -> None:
        """Previews all cells."""
        preview(CELLS, self, self.source, self.journal, self.lines.append, self.now.isoformat())
        self.events.clear()

    def start(self, **options: Any) -> None:
        """Runs the command `up`."""
        self.rollout().start(run_to_start(last_run(self.journal.records()), CELLS), **options)

    def resume(self, **options: Any) -> None:
        """Runs the command `resume`."""
        self.rollout().resume(run_to_resume(last_run(self.journal.records()), CELLS), **options)

    def rollout(self) -> Rollout:
        return Rollout(
            fleet=Fleet.model_validate({"cells": CELLS, "bakeMinutes": 10, **self.file}),
            engine=self,
            health=self.read,
            source=self.source,
            journal=self.journal,
            report=self.lines.append,
            now=lambda: self.now,
            sleep=self.sleep,
            poll=60,
        )

    def ups(self) -> list[str]:
        """Returns the cells that were updated, in order."""
        return [each.removeprefix("up ") for each in self.events if each.startswith("up ")]

    def events_of_journal(self) -> list[str]:
        """Returns the records of the journal in short form, such as `up one passed`."""
        return [
            " ".join(str(each[key]) for key in ("event", "cell", "result") if key in each)
            for each in self.journal.records()
        ]
