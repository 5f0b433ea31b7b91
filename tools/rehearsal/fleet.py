"""Scenario `fleet`: a change goes through three cells, one after another.

`fleet_cells` has the cells. Pulumi and its locks are real; health and time are simulated.
"""

from collections.abc import Callable, Mapping

from settings import read_stack_file
from tools.fleet.interfaces import FleetError
from tools.fleet.journal import Record
from tools.fleet.run import BAKE, UP
from tools.recording import Recording
from tools.recording.record import ROOT
from tools.rehearsal.edits.traffic import has_domain
from tools.rehearsal.fleet_cells import BAD, CELLS, Cells, image_of, opened
from tools.rehearsal.network_modes import OpenRunOf
from tools.rehearsal.run import Run, ScenarioError, Step

_SCENARIO = "fleet"


class _KilledError(BaseException):
    """The process of the run was killed."""


def fleet(open_run: OpenRunOf, recording: Recording, report: Callable[[Step], None]) -> None:
    """Rolls changes through three cells of the stack."""
    name = "three cells"
    if not has_domain(dict(read_stack_file(ROOT / f"Pulumi.{recording.stack}.yaml"))):
        reason = "the stack file has no domain"
        report(Step(scenario=_SCENARIO, name=name, result=reason, seconds=0, skipped=True))
        return
    with opened(open_run, recording.stack) as cells:
        first = next(iter(cells.runs.values()))
        for step, action in (
            (name, _create),
            ("a good change", _good),
            ("a bad change", _bad),
            ("a run that is killed at every step", _killed),
            ("two runs at the same time", _concurrent),
        ):
            first.step(_SCENARIO, step, lambda action=action: action(cells))


def _create(cells: Cells) -> str:
    for run in cells.runs.values():
        run.engine.up()
    return f"{', '.join(cells.runs)} created"


def _good(cells: Cells) -> str:
    cells.release("good")
    cells.start()
    _check(cells, dict.fromkeys(cells.runs, "good"), ups=1)
    ends = [run.cloud.operations[-1].ended for run in cells.runs.values()]
    if ends != sorted(ends):
        raise ScenarioError("the cells were not updated in their order")
    return f"updated one after another: {', '.join(cells.runs)}; nothing else changed"


def _bad(cells: Cells) -> str:
    """Rolls out a bad image, which must stop after the first cell, and then the good one again."""
    cells.release(BAD)
    try:
        cells.start()
    except FleetError as error:
        message = str(error)
    else:
        raise ScenarioError("the bad image reached all cells")
    first, *others = cells.runs
    _check(cells, {first: BAD, **dict.fromkeys(others, "good")}, ups=1)
    cells.release("good")
    cells.start(emergency="the first cell has the bad image")
    _check(cells, dict.fromkeys(cells.runs, "good"), ups=1)
    return message


def _killed(cells: Cells) -> str:
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
    if engine_kills != CELLS:
        raise ScenarioError(f"the engine was killed {engine_kills} times, not once in each cell")
    _check(cells, dict.fromkeys(cells.runs, "killed"), ups=None)
    return f"finished after {kills} kills, {engine_kills} of them during an update"


def _kill_once(run: Run) -> Callable[[int], None]:
    """Returns a hook that kills the engine after its next operation."""

    def kill(ended: int) -> None:
        run.cloud.after_operation = lambda number: None
        run.engine.kill()

    return kill


def _concurrent(cells: Cells) -> str:
    """Starts a run of another operator, with another journal, during the update of a cell."""
    other = Cells(
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


def _check(cells: Cells, tags: Mapping[str, str], *, ups: int | None) -> None:
    """Checks the image of each cell, and that only its Deployment was updated."""
    for cell, run in cells.runs.items():
        image, expected = image_of(run), f":{tags[cell]}"
        if not image.endswith(expected):
            raise ScenarioError(f"{cell} runs {image}, not {expected}")
        operations = {str(each) for each in run.new_operations()}
        wrong = sorted(each for each in operations if not each.startswith("update Deployment "))
        if wrong or (ups and len(operations) > ups):
            raise ScenarioError(f"{cell}: operations: {', '.join(wrong or sorted(operations))}")
