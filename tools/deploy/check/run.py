"""Runs checks of a deployed cell."""

import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.command_line import print_progress
from tools.deploy.aws_cli import AwsError, why
from tools.deploy.captured import threads
from tools.deploy.check.read import readings
from tools.deploy.check.result import Check, Readings, Result, not_ok
from tools.deploy.kubernetes_objects import KubernetesObjects
from tools.deploy.programs import ProgramError
from tools.deploy.stack_state import StackState
from tools.deploy.up import aws_of, required_pulumi
from tools.recording import Recording
from tools.recording.record import ROOT
from tools.toolchain import KUBECTL, find

_WORKERS = 8
"""Checks that run at the same time. Most wait for the AWS CLI, which takes a second to start."""

Read = Callable[[], Readings]
"""Returns functions that read the cell as it is now."""


@contextmanager
def reader_of(recording: Recording) -> Generator[Read]:
    """Returns a function that reads a deployed cell, until the block ends.

    Raises MissingError, ToolError, AwsError or ProgramError.
    """
    pulumi = required_pulumi()
    ask = aws_of(recording.settings.aws, f"Pulumi.{recording.stack}.yaml")
    state = StackState(pulumi, recording.stack, ROOT)
    with tempfile.TemporaryDirectory(prefix="ha-eks-check-") as folder:
        kubeconfig = Path(folder) / "kubeconfig.json"
        kubeconfig.write_text(
            _kubeconfig(state, recording.stack), encoding="utf-8"
        )  # only this user can read the folder
        kubernetes = KubernetesObjects(find(KUBECTL, print_progress), kubeconfig)
        command = [pulumi, "--stack", recording.stack]
        yield lambda: readings(ask, kubernetes, state, command, ROOT)


def run(
    checks: Mapping[str, Check], recording: Recording, reading: Readings
) -> Mapping[str, Sequence[Result]]:
    """Returns the results of checks by title."""
    with threads(_WORKERS) as pool:
        futures = {
            title: pool.submit(_results, check, recording, reading)
            for title, check in checks.items()
        }
    return {title: future.result() for title, future in futures.items()}


def _results(check: Check, recording: Recording, reading: Readings) -> Sequence[Result]:
    """Returns the results of a check; a check that cannot read the cell is not ok."""
    found: list[Result] = []
    try:
        found += check(recording, reading)
    except (AwsError, ProgramError, LookupError, TypeError, ValueError) as error:
        found.append(
            not_ok(
                "not checked",
                f"cannot be read: {why(error)}",
                "fix the cause, and run this command again",
            )
        )
    return found


def _kubeconfig(state: StackState, stack: str) -> str:
    try:
        return state.kubeconfig()
    except ProgramError as error:
        raise ProgramError(
            f"{error}; this command needs a deployed stack: run make up STACK={stack}"
        ) from error
