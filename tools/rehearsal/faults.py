"""Scenarios `interruption` and `failure`: recovery after a kill and after errors of the cloud."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from pulumi.automation.errors import CommandError

from tools.recording import Recording
from tools.rehearsal.checks import Inventory, inventory
from tools.rehearsal.edits.apps import ADD_APP
from tools.rehearsal.edits.protection import disable_deletion_protection
from tools.rehearsal.engine import Engine
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.run import OpenRun, Run, ScenarioError, errors_in

_MAXIMUM_UPS = 60
"""More than the dependency chain of a stack is long: each `up` gets past at least one failure."""

_CODES = ("ThrottlingException", "InsufficientInstanceCapacity", "LimitExceededException")

Command = Callable[[Engine], Mapping[str, int]]


def interruptions(open_run: OpenRun, every: int | None) -> None:
    """Kills the engine during the first `up`, during an update and during `destroy`.

    The engine is killed after every `every`-th operation, or after three operations of each
    command if `every` is None. Each kill is in a separate run.
    """
    for name, prepare, command in (
        ("the first up", _nothing, Engine.up),
        ("an update", _up_and_edit, Engine.up),
        ("destroy", _up_and_unprotect, Engine.destroy),
    ):
        with open_run() as run:
            prepare(run)
            run.new_operations()
            command(run.engine)
            operations, undisturbed = len(run.new_operations()), inventory(run.cloud)
        numbers = range(1, operations + 1, every) if every else _sample(operations)
        for number in numbers:
            with open_run() as run:
                prepare(run)
                text = f"kill after operation {number} of {operations} of {name}"
                action = partial(_kill_and_recover, run, command, number, undisturbed)
                run.step("interruption", text, action)


def failures(open_run: OpenRun, recording: Recording) -> None:
    """Makes the first creation of every resource type fail, and repeats `up` until it succeeds.

    Each error must name its code, and each `up` must get further than the one before.
    """
    with open_run() as run:
        action = partial(_fail_each_type_once, run, recording)
        run.step("failure", "first creation of each resource type fails", action)


def _nothing(run: Run) -> None:
    pass


def _up_and_edit(run: Run) -> None:
    run.engine.up()
    run.engine.edit(ADD_APP.change)


def _up_and_unprotect(run: Run) -> None:
    run.engine.edit(disable_deletion_protection)
    run.engine.up()


def _sample(operations: int) -> Sequence[int]:
    return sorted({max(1, operations * tenths // 10) for tenths in (1, 5, 9)})


def _kill_and_recover(run: Run, command: Command, number: int, undisturbed: Inventory) -> str:
    """Kills the engine after an operation, and recovers as docs/recovery.md describes."""
    before = len(run.cloud.operations)

    def kill(ended: int) -> None:
        if ended == before + number:
            run.engine.kill()

    run.cloud.after_operation = kill
    try:
        command(run.engine)
    except CommandError:
        pass
    else:
        raise ScenarioError("the engine ended before the kill")
    run.engine.cancel()
    orphans = orphans_of(run)
    pending = {str(each["resource"]["urn"]) for each in run.engine.pending()}
    unknown = [resource.label for resource in orphans if resource.urn not in pending]
    if unknown:
        raise ScenarioError(
            f"created, but neither in the state nor a pending operation: {', '.join(unknown)}"
        )
    for resource in orphans:
        del run.cloud.resources[resource.type, resource.id]
    command(run.engine)
    if inventory(run.cloud) != undisturbed:
        raise ScenarioError(
            f"the result differs from an undisturbed run: {_difference(run.cloud, undisturbed)}"
        )
    left = [resource.label for resource in orphans_of(run)]
    if left:
        raise ScenarioError(f"created, but not in the state: {', '.join(left)}")
    if not orphans:
        return "recovered, nothing deleted by hand"
    return f"recovered after deleting by hand: {', '.join(each.label for each in orphans)}"


def orphans_of(run: Run) -> list[CloudResource]:
    """Returns the resources that the state of the engine lacks, without shared ones."""
    in_state = {(str(each["type"]), str(each.get("id"))) for each in run.engine.resources()}
    resources = run.cloud.resources.items()
    return [each for key, each in resources if key not in in_state and not each.shared]


def _difference(cloud: FakeCloud, undisturbed: Inventory) -> str:
    existing = inventory(cloud)
    return f"missing {sorted(undisturbed - existing)}, extra {sorted(existing - undisturbed)}"


def _fail_each_type_once(run: Run, recording: Recording) -> str:
    codes: dict[str, str] = {}

    def fault(number: int, verb: str, type_: str) -> str | None:
        if verb != "create" or type_ in codes:
            return None
        codes[type_] = _CODES[len(codes) % len(_CODES)]
        return codes[type_]

    run.cloud.fault = fault
    for count in range(1, _MAXIMUM_UPS + 1):
        known = set(codes)
        try:
            run.engine.up()
        except CommandError as error:
            text = errors_in(error)
            failed = set(codes) - known
            unreported = sorted(type_ for type_ in failed if codes[type_] not in text)
            if unreported:
                raise ScenarioError(
                    f"the error does not report the failure of {unreported}: {text}"
                ) from error
            if not failed:
                raise ScenarioError(f"up failed without an injected error: {text}") from error
            continue
        missing = {each.type for each in recording.cloud_resources} - set(codes)
        if missing:
            raise ScenarioError(f"types without an injected error: {sorted(missing)}")
        return f"{len(codes)} resource types failed once; complete after {count} runs of up"
    raise ScenarioError(f"incomplete after {_MAXIMUM_UPS} runs of up")
