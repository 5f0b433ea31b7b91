"""`python -m tools.deploy.down STACK`: deletes a cell, after its name is typed.

Turns off the protection of the cell first. A second run continues after a failed step.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from settings import SettingsError, targeted_up
from tools.command_line import command_parser
from tools.deploy.down.cell import protected, refusals, summary
from tools.deploy.foreground import run_to_completion
from tools.deploy.programs import ProgramError
from tools.deploy.stack_state import StackState
from tools.deploy.up import MissingError, required_pulumi
from tools.entry_point import status_of
from tools.recording import RecordingError, record
from tools.recording.record import ROOT


class DownError(Exception):
    """The cell is not deleted; the message says what to do."""


def main() -> int:
    """Deletes the cell that the command line names; returns the exit status."""
    parser = command_parser("tools.deploy.down", "Deletes a cell after its name is typed.")
    try:
        _delete(str(parser.parse_args().stack))
    except (SettingsError, RecordingError, MissingError, ProgramError, DownError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _delete(stack: str) -> None:
    settings, program = record(stack).settings, required_pulumi()
    state = StackState(program, stack, ROOT).resources()
    if not state:
        print(f"the stack {stack} has no resources; pulumi stack rm {stack} removes the stack")
        return
    lines = [*refusals(state, stack)]
    if lines:
        raise DownError("\n".join(lines))
    print("\n".join(summary(state, stack)))
    traffic = settings.traffic
    if traffic and not traffic.drained:
        print(
            f"clients still come: if another cell serves {traffic.domains}, run make drain "
            f"STACK={stack} first, and wait until the requests stop"
        )
    _confirm(stack)
    if settings.protected:
        command = [program, "config", "set", "ha-eks:protected", "false", "--stack", stack]
        _run("pulumi config set ha-eks:protected false", command, stack)
    targets = [*protected(state)]
    if targets:
        command = [program, "up", "--yes", "--skip-preview", "--stack", stack]
        command += [part for urn in targets for part in ("--target", urn)]
        _run("pulumi up, which turns off the protection,", command, stack, targeted_up.ENVIRONMENT)
    command = [program, "destroy", "--yes", "--skip-preview", "--stack", stack]
    _run("pulumi destroy", command, stack)
    print(
        f"deleted; now check what remains: docs/teardown.md#what-remains. Pulumi.{stack}.yaml has "
        "ha-eks:protected: false: remove the line before you deploy this stack again"
    )


def _confirm(stack: str) -> None:
    """Raises DownError unless a person types the name of the cell."""
    if not sys.stdin.isatty():
        raise DownError(
            f"nothing has changed: make down STACK={stack} asks for the name of the cell, and "
            "needs a terminal"
        )
    try:
        typed = input(f"type {stack} to delete this cell: ").strip()
    except EOFError:
        typed = ""
    if typed != stack:
        raise DownError(f'nothing has changed: you typed "{typed}", and the cell is {stack}')


def _run(
    step: str, command: Sequence[str], stack: str, environment: Mapping[str, str] | None = None
) -> None:
    """Runs a command to its end, with its output in the terminal."""
    try:
        status = run_to_completion(command, ROOT, {**os.environ, **(environment or {})})
    except OSError as error:
        raise MissingError(
            f"{command[0]}: cannot run: {error.strerror}; install it again"
        ) from None
    if status:
        raise DownError(
            f"{step} failed, see its output; fix the cause and run make down STACK={stack} again, "
            "which continues with this step"
        )


if __name__ == "__main__":
    sys.exit(status_of(main))
