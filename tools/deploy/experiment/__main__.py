"""`python -m tools.deploy.experiment STACK NAME`: runs a fault-injection experiment in a cell.

The exit status is 0 if the cell kept its promises, 1 if it broke one, and 2 without a result.
"""

import argparse
import json
import sys

from settings import SettingsError, read_stack_file
from tools.command_line import command_parser, folder_for_results, print_progress
from tools.deploy.aws_cli import AwsError
from tools.deploy.check.run import reader_of
from tools.deploy.experiment.experiment import NO_RESULT, Running
from tools.deploy.experiment.fis import ExperimentError
from tools.deploy.experiment.runs import Runs
from tools.deploy.experiment.texts import experiment_named, listing
from tools.deploy.programs import ProgramError
from tools.deploy.up import MissingError
from tools.entry_point import status_of
from tools.recording import RecordingError, record
from tools.recording.record import ROOT
from tools.toolchain import ToolError

_ERRORS = (
    SettingsError, RecordingError, MissingError, ToolError, AwsError, ProgramError, ExperimentError,
)  # fmt: skip


def main() -> int:
    """Runs the experiment that the command line names; returns the exit status."""
    parser = command_parser(
        "tools.deploy.experiment",
        "Runs an experiment of AWS Fault Injection Service in a cell, and prints each promise as "
        "kept or broken, with the values that CloudWatch has. Ctrl-C stops the experiment. The "
        "exit status is 0 if all promises were kept, 1 if one was broken, and 2 without a result.",
    )
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="name of the experiment; without it: list them"
    )
    parser.add_argument(
        "--yes", action="store_true", help="do not ask for the name of a protected cell"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print JSON on standard output")
    output.add_argument(
        "--preview",
        action="store_true",
        help="print the targets of the experiment, and run no action",
    )
    arguments = parser.parse_args()
    stack, name = str(arguments.stack), arguments.name
    try:
        if name:
            return _run(arguments)
        read_stack_file(ROOT / f"Pulumi.{stack}.yaml")
        print("\n".join(listing(stack)))
        return 0
    except _ERRORS as error:
        print_progress(str(error))
    except KeyboardInterrupt as error:
        error.add_note(f"make experiment STACK={stack} NAME={name} continues")
        raise
    return NO_RESULT


def _run(arguments: argparse.Namespace) -> int:
    stack, name, as_json = str(arguments.stack), str(arguments.name), bool(arguments.json)
    experiment, recording = experiment_named(name), record(stack)
    asks = recording.settings.protected and not arguments.yes
    with reader_of(recording) as read:
        running = Running(
            experiment=experiment,
            recording=recording,
            read=read,
            runs=Runs(folder_for_results(ROOT / "build" / stack)),
            report=print_progress,
            confirm=lambda: _confirm(stack, name) if asks else None,
        )
        if arguments.preview:
            return running.preview(print)
        status, found = running.execute(print_progress if as_json else print)
    if as_json:
        print(json.dumps(found))
    return status


def _confirm(stack: str, name: str) -> None:
    """Raises ExperimentError unless a person types the name of the cell."""
    if not sys.stdin.isatty():
        raise ExperimentError(
            f"not started: {stack} is protected, so that the command asks for its name, and needs "
            f"a terminal; without one: make experiment STACK={stack} NAME={name} YES=1"
        )
    try:
        print(f"type {stack} to start this experiment: ", end="", file=sys.stderr, flush=True)
        typed = input().strip()
    except EOFError:
        typed = ""
    if typed != stack:
        raise ExperimentError(f'not started: you typed "{typed}", and the cell is {stack}')


if __name__ == "__main__":
    sys.exit(status_of(main, failed=NO_RESULT))
