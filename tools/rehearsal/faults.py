"""What a stack recovers from: an engine that is killed, and a cloud that refuses once."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from pulumi.automation.errors import CommandError

from tools.recording import Recording
from tools.rehearsal.checks import Inventory, inventory
from tools.rehearsal.edits.apps import NEW_APP
from tools.rehearsal.edits.cluster import unprotect
from tools.rehearsal.engine import Engine
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource
from tools.rehearsal.run import Open, SceneError, Stage, errors_in

_ROUNDS = 60
"""More `up`s than a stack is deep: each gets past at least one failure."""

_CODES = ("ThrottlingException", "InsufficientInstanceCapacity", "LimitExceededException")

Run = Callable[[Engine], Mapping[str, int]]


def interruptions(open_: Open, every: int | None) -> None:
    """The engine is killed after an operation of `up`, of an update, and of `destroy`.

    After every `every`-th one, or a sample of three each if it is None.
    """
    for what, prepare, run in (
        ("up", _as_it_is, Engine.up),
        ("update", _up_and_edited, Engine.up),
        ("destroy", _up_and_unprotected, Engine.destroy),
    ):
        with open_() as stage:
            prepare(stage)
            stage.news()
            run(stage.engine)
            operations, undisturbed = len(stage.news()), inventory(stage.cloud)
        numbers = range(1, operations + 1, every) if every else _sample(operations)
        for number in numbers:
            with open_() as stage:
                prepare(stage)
                text = f"killed after operation {number} of {operations} of {what}"
                stage.act("interruption", text, partial(_killed, stage, run, number, undisturbed))


def failures(open_: Open, recording: Recording) -> None:
    """The first creation of every type fails. Each error names its resource, each next `up` goes
    on, and in the end everything is there."""
    with open_() as stage:
        stage.act("failure", "each type fails once", partial(_fails_once, stage, recording))


def _as_it_is(stage: Stage) -> None:
    pass


def _up_and_edited(stage: Stage) -> None:
    stage.engine.up()
    stage.engine.edit(NEW_APP.change)


def _up_and_unprotected(stage: Stage) -> None:
    stage.engine.edit(unprotect)
    stage.engine.up()


def _sample(operations: int) -> Sequence[int]:
    return sorted({max(1, operations * part // 10) for part in (1, 5, 9)})


def _killed(stage: Stage, run: Run, number: int, undisturbed: Inventory) -> str:
    """Kills the engine, and does what docs/recovery.md says."""
    before = len(stage.cloud.journal)

    def after(done: int) -> None:
        if done == before + number:
            stage.engine.kill()

    stage.cloud.after = after
    try:
        run(stage.engine)
    except CommandError:
        pass
    else:
        raise SceneError("the engine was not killed")
    stage.engine.cancel()
    unrecorded = orphans(stage)
    pending = {str(each["resource"]["urn"]) for each in stage.engine.pending()}
    unnamed = [thing.urn for thing in unrecorded if thing.urn not in pending]
    if unnamed:
        raise SceneError(f"made, and named nowhere: {', '.join(unnamed)}")
    for thing in unrecorded:
        del stage.cloud.resources[thing.type, thing.id]
    run(stage.engine)
    if inventory(stage.cloud) != undisturbed:
        raise SceneError(f"not as undisturbed: {_difference(stage.cloud, undisturbed)}")
    if orphans(stage):
        raise SceneError("the state lacks what exists")
    names = ", ".join(thing.name for thing in unrecorded)
    return f"healed; deleted by hand: {names or 'nothing'}"


def orphans(stage: Stage) -> list[CloudResource]:
    """What exists in the cloud and not in the engine's state, but for what is there to stay."""
    recorded = {(str(each["type"]), str(each.get("id"))) for each in stage.engine.resources()}
    resources = stage.cloud.resources.items()
    return [thing for key, thing in resources if key not in recorded and not thing.kept]


def _difference(cloud: Cloud, undisturbed: Inventory) -> str:
    there = inventory(cloud)
    return f"missing {sorted(undisturbed - there)}, too much {sorted(there - undisturbed)}"


def _fails_once(stage: Stage, recording: Recording) -> str:
    failed: dict[str, str] = {}

    def fault(number: int, verb: str, type_: str) -> str | None:
        if verb != "create" or type_ in failed:
            return None
        failed[type_] = _CODES[len(failed) % len(_CODES)]
        return failed[type_]

    stage.cloud.fault = fault
    for round_ in range(1, _ROUNDS):
        known = set(failed)
        try:
            stage.engine.up()
        except CommandError as error:
            told = errors_in(error)
            new = set(failed) - known
            unnamed = [type_ for type_ in new if failed[type_] not in told]
            if unnamed or not new:
                raise SceneError(f"{unnamed} failed, and all that is told is: {told}") from error
            continue
        missing = {each.type for each in recording.made} - set(failed)
        if missing:
            raise SceneError(f"never failed: {sorted(missing)}")
        return f"{len(failed)} types failed once, whole after {round_} times up"
    raise SceneError(f"not whole after {_ROUNDS} times up")
