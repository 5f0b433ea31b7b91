"""Three cells of the stack in the interfaces of a fleet, for the scenario `fleet`.

The cells are copies of the stack with a cloud and a state for each.
"""

import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pulumi.automation.errors import CommandError

from settings import read_stack_file
from tools.fleet.fleet_file import Fleet
from tools.fleet.interfaces import Health
from tools.fleet.journal import Journal, Record
from tools.fleet.pulumi_cli import locked_by
from tools.fleet.rollout import Rollout, preview
from tools.fleet.run import last_run, run_to_resume, run_to_start
from tools.fleet.source import Source, settings_digests
from tools.recording import record
from tools.recording.record import ROOT
from tools.rehearsal.edits.apps import main_app, main_app_section
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.network_modes import OpenRunOf
from tools.rehearsal.run import Run, errors_in

CELLS = 3
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BAD = "bad"
"""Tag of the image with which the alarm on impact goes off."""


@dataclass
class Cells:
    """Three cells, in the interfaces of a fleet, and the journal of an operator."""

    runs: Mapping[str, Run]
    folder: Path
    """Folder of the journal."""
    written: Callable[[Record], None] = lambda record: None
    at_the_same_time: bool = False
    """True if another operator updates the cells."""
    lines: list[str] = field(default_factory=list[str])
    """Reported lines."""
    counts: dict[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    """Result of the first preview of each cell."""

    def preview(self, cell: str) -> Mapping[str, int]:
        """Returns the number of resources by operation: all changes update the same resource."""
        if cell not in self.counts:
            self.counts[cell] = self.runs[cell].engine.preview()
        return self.counts[cell]

    def up(self, cell: str) -> str | None:
        """Updates a cell; returns the reason of a failure."""
        engine = self.runs[cell].engine
        try:
            engine.up_at_the_same_time() if self.at_the_same_time else engine.up()
        except CommandError as error:
            return locked_by(str(error).splitlines(), cell) or errors_in(error)
        return None

    def health(self, cell: str) -> Health:
        """Returns the health of a cell: the alarm goes off with the bad image."""
        bad = image_of(self.runs[cell]).endswith(BAD)
        reason = "ALARM: errors" if bad else None
        return Health(serving=True, drained=False, impact=reason, redundancy=None)

    def source(self) -> Source:
        """Returns the settings in the copies of the stack file."""
        files = {cell: run.engine.file for cell, run in self.runs.items()}
        settings = {cell: settings_digests(file) for cell, file in files.items()}
        return Source(revision="rehearsal", uncommitted={}, settings=settings)

    @property
    def journal(self) -> Journal:
        """The journal of the operator."""
        return Journal(self.folder, self.written)

    def previewed(self) -> None:
        """Runs the command `preview`."""
        report, run_id = self.lines.append, str(len(self.lines))
        preview([*self.runs], self, self.source, self.journal, report, run_id)

    def start(self, emergency: str | None = None) -> None:
        """Runs the command `up`."""
        run = run_to_start(last_run(self.journal.records()), [*self.runs])
        self._rollout().start(run, emergency)

    def resume(self) -> None:
        """Runs the command `resume`."""
        self._rollout().resume(run_to_resume(last_run(self.journal.records()), [*self.runs]))

    def release(self, tag: str) -> None:
        """Changes the image in all stack files, and previews the cells."""
        for run in self.runs.values():
            run.new_operations()
            run.engine.edit(lambda config: _set_tag(config, tag))
        self.previewed()

    def _rollout(self) -> Rollout:
        return Rollout(
            fleet=Fleet.model_validate({"cells": (*self.runs,), "bakeMinutes": 1}),
            engine=self,
            health=self.health,
            source=self.source,
            journal=self.journal,
            report=self.lines.append,
            sleep=lambda seconds: None,
        )


@contextmanager
def opened(open_run: OpenRunOf, stack: str) -> Generator[Cells]:
    """Opens a run for each cell."""
    with tempfile.TemporaryDirectory(prefix="ha-eks-fleet-") as name, ExitStack() as opened:
        folder, runs = Path(name), dict[str, Run]()
        for number in range(1, CELLS + 1):
            cell = f"{stack}-{number}"
            config: Config = dict(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"))
            traffic: Config = {**config["ha-eks:traffic"], "policy": "weighted", "weight": number}
            traffic.pop("role", None)
            text = yaml.safe_dump({"config": {**config, "ha-eks:traffic": traffic}})
            (folder / f"Pulumi.{cell}.yaml").write_text(text, encoding="utf-8")
            runs[cell] = opened.enter_context(open_run(record(cell, root=folder), folder))
        yield Cells(runs=runs, folder=folder)


def _set_tag(config: Config, tag: str) -> None:
    app = main_app_section(config)
    app["image"] = f"{_name(app['image'])}:{tag}"


def _name(image: str) -> str:
    """Returns the name of an image, without tag and digest."""
    folder, slash, last = image.partition("@")[0].rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


def image_of(run: Run) -> str:
    """Returns the image of the main app that runs in a cell."""
    app = main_app(run.engine.config)
    [running] = [each.inputs for each in run.cloud.of_type(_DEPLOYMENT) if each.name == app]
    return running["spec"]["template"]["spec"]["containers"][0]["image"]
