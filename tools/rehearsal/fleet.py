"""Scenario `fleet`: a change goes through three cells, one after another.

The cells are copies of the stack with a cloud and a state for each. Pulumi and its locks are real;
health and time are simulated.
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
from tools.fleet.interfaces import FleetError, Health
from tools.fleet.journal import Journal, Record
from tools.fleet.pulumi_cli import locked_by
from tools.fleet.rollout import Rollout, preview
from tools.fleet.run import BAKE, UP, last_run, run_to_resume, run_to_start
from tools.fleet.source import Source, settings_digests
from tools.recording import Recording, record
from tools.recording.record import ROOT
from tools.rehearsal.edits.apps import main_app, main_app_section
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.edits.traffic import has_domain
from tools.rehearsal.network_modes import OpenRunOf
from tools.rehearsal.run import Run, ScenarioError, Step, errors_in

_SCENARIO = "fleet"
_CELLS = 3
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_BAD = "bad"
"""Tag of the image with which the alarm on impact goes off."""


class _KilledError(BaseException):
    """The process of the run was killed."""


@dataclass
class _Cells:
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
        bad = _image_of(self.runs[cell]).endswith(_BAD)
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


def fleet(open_run: OpenRunOf, recording: Recording, report: Callable[[Step], None]) -> None:
    """Rolls changes through three cells of the stack."""
    name = "three cells"
    if not has_domain(dict(read_stack_file(ROOT / f"Pulumi.{recording.stack}.yaml"))):
        reason = "the stack file has no domain"
        report(Step(scenario=_SCENARIO, name=name, result=reason, seconds=0, skipped=True))
        return
    with _opened(open_run, recording.stack) as cells:
        first = next(iter(cells.runs.values()))
        for step, action in (
            (name, _create),
            ("a good change", _good),
            ("a bad change", _bad),
            ("a run that is killed at every step", _killed),
            ("two runs at the same time", _concurrent),
        ):
            first.step(_SCENARIO, step, lambda action=action: action(cells))


@contextmanager
def _opened(open_run: OpenRunOf, stack: str) -> Generator[_Cells]:
    """Opens a run for each cell."""
    with tempfile.TemporaryDirectory(prefix="ha-eks-fleet-") as name, ExitStack() as opened:
        folder, runs = Path(name), dict[str, Run]()
        for number in range(1, _CELLS + 1):
            cell = f"{stack}-{number}"
            config: Config = dict(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"))
            traffic: Config = {**config["ha-eks:traffic"], "policy": "weighted", "weight": number}
            traffic.pop("role", None)
            text = yaml.safe_dump({"config": {**config, "ha-eks:traffic": traffic}})
            (folder / f"Pulumi.{cell}.yaml").write_text(text, encoding="utf-8")
            runs[cell] = opened.enter_context(open_run(record(cell, root=folder), folder))
        yield _Cells(runs=runs, folder=folder)


def _create(cells: _Cells) -> str:
    for run in cells.runs.values():
        run.engine.up()
    return f"{', '.join(cells.runs)} created"


def _good(cells: _Cells) -> str:
    cells.release("good")
    cells.start()
    _check(cells, dict.fromkeys(cells.runs, "good"), ups=1)
    ends = [run.cloud.operations[-1].ended for run in cells.runs.values()]
    if ends != sorted(ends):
        raise ScenarioError("the cells were not updated in their order")
    return f"updated one after another: {', '.join(cells.runs)}; nothing else changed"


def _bad(cells: _Cells) -> str:
    """Rolls out a bad image, which must stop after the first cell, and then the good one again."""
    cells.release(_BAD)
    try:
        cells.start()
    except FleetError as error:
        message = str(error)
    else:
        raise ScenarioError("the bad image reached all cells")
    first, *others = cells.runs
    _check(cells, {first: _BAD, **dict.fromkeys(others, "good")}, ups=1)
    cells.release("good")
    cells.start(emergency="the first cell has the bad image")
    _check(cells, dict.fromkeys(cells.runs, "good"), ups=1)
    return message


def _killed(cells: _Cells) -> str:
    """Kills the run after each new record of a step, and the engine once in each cell."""
    seen = set[tuple[str, ...]]()

    def written(record: Record) -> None:
        step = tuple(str(record.get(key)) for key in ("event", "cell", "result"))
        if record["event"] in (UP, BAKE) and step not in seen:
            seen.add(step)
            raise _KilledError

    cells.release("killed")
    for run in cells.runs.values():
        run.cloud.after_operation = _kill_once(run)
    cells.written, command, kills = written, cells.start, 0
    while True:
        try:
            command()
            break
        except (_KilledError, FleetError):
            kills += 1
            command = cells.resume
            for run in cells.runs.values():
                run.engine.cancel()
    cells.written = lambda record: None
    engine_kills = sum(result == "failed" for _, _, result in seen)
    if engine_kills != _CELLS:
        raise ScenarioError(f"the engine was killed {engine_kills} times, not once in each cell")
    _check(cells, dict.fromkeys(cells.runs, "killed"), ups=None)
    return f"finished after {kills} kills, {engine_kills} of them during an update"


def _kill_once(run: Run) -> Callable[[int], None]:
    """Returns a hook that kills the engine after its next operation."""

    def kill(ended: int) -> None:
        run.cloud.after_operation = lambda number: None
        run.engine.kill()

    return kill


def _concurrent(cells: _Cells) -> str:
    """Starts a run of another operator, with another journal, during the update of a cell."""
    other = _Cells(
        runs=cells.runs,
        folder=cells.folder / "other",
        at_the_same_time=True,
        counts=cells.counts,
    )
    messages: list[str] = []

    def start_other(ended: int) -> None:
        first.cloud.after_operation = lambda number: None
        try:
            other.start()
        except FleetError as error:
            messages.append(str(error))

    cells.release("concurrent")
    other.previewed()
    first = next(iter(cells.runs.values()))
    first.cloud.after_operation = start_other
    cells.start()
    if len(messages) != 1 or "is locked: created by" not in messages[0]:
        raise ScenarioError(f"the second run was not refused by the lock: {messages}")
    _check(cells, dict.fromkeys(cells.runs, "concurrent"), ups=1)
    return messages[0]


def _check(cells: _Cells, tags: Mapping[str, str], *, ups: int | None) -> None:
    """Checks the image of each cell, and that only its Deployment was updated."""
    for cell, run in cells.runs.items():
        image, expected = _image_of(run), f":{tags[cell]}"
        if not image.endswith(expected):
            raise ScenarioError(f"{cell} runs {image}, not {expected}")
        operations = {str(each) for each in run.new_operations()}
        wrong = sorted(each for each in operations if not each.startswith("update Deployment "))
        if wrong or (ups and len(operations) > ups):
            raise ScenarioError(f"{cell}: operations: {', '.join(wrong or sorted(operations))}")


def _set_tag(config: Config, tag: str) -> None:
    app = main_app_section(config)
    app["image"] = f"{_name(app['image'])}:{tag}"


def _name(image: str) -> str:
    """Returns the name of an image, without tag and digest."""
    folder, slash, last = image.partition("@")[0].rpartition("/")
    return f"{folder}{slash}{last.partition(':')[0]}"


def _image_of(run: Run) -> str:
    """Returns the image of the main app that runs in a cell."""
    app = main_app(run.engine.config)
    [running] = [each.inputs for each in run.cloud.of_type(_DEPLOYMENT) if each.name == app]
    return running["spec"]["template"]["spec"]["containers"][0]["image"]
