"""`python -m tools.deploy.remedies REMEDY STACK`: edits the stack file, and deploys only this edit.

Works while pods are not ready, after a failed `up`, and if the stack file has other edits.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from settings import SettingsError, check_stack, read_stack_file, targeted_up
from tools.command_line import add_stack
from tools.deploy.aws_cli import AwsError, why
from tools.deploy.foreground import run_to_completion
from tools.deploy.programs import ProgramError
from tools.deploy.remedies.drain import RemedyError, route53, set_drained
from tools.deploy.remedies.targets import zone_targets
from tools.deploy.stack_state import StackState
from tools.deploy.up import MissingError, required_pulumi
from tools.entry_point import status_of
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT

_DRAINED, _ZONES_OUT = "ha-eks:traffic.drained", "ha-eks:network.zonesOut"


def main() -> int:
    """Applies the remedy of the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy.remedies",
        description="Edits the stack file and deploys only this edit. Works while pods are not "
        "ready, after a failed up, and if the stack file has other edits. drain and undrain need "
        "only Route 53.",
    )
    parser.add_argument("remedy", choices=("drain", "undrain", "zone-out", "zone-in"))
    add_stack(parser)
    parser.add_argument("--zone", help="zone for zone-out and zone-in, such as us-east-1a")
    arguments = parser.parse_args()
    remedy, stack, zone = str(arguments.remedy), str(arguments.stack), arguments.zone
    if remedy.startswith("zone-") and not zone:
        parser.error(f"write the zone: make {remedy} STACK={stack} ZONE=us-east-1a")
    try:
        if zone:
            move_zone(remedy, stack, zone)
        else:
            drain(remedy, stack)
    except (
        SettingsError, RecordingError, MissingError, RemedyError, ProgramError, AwsError,
    ) as error:  # fmt: skip
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt as error:
        error.add_note("run the same command again to continue")
        raise
    return 0


def drain(remedy: str, stack: str) -> None:
    """Drains a cell, or ends the drain: first in Route 53, then in the stack file.

    Reads the stack file only, so that no error of the program or of an extension prevents a drain.
    Raises SettingsError, RemedyError or AwsError.
    """
    file = ROOT / f"Pulumi.{stack}.yaml"
    settings, problems = check_stack(stack, read_stack_file(file))
    if settings is None:
        raise SettingsError(file, problems)
    traffic, drained = settings.traffic, remedy == "drain"
    if traffic is None:
        raise RemedyError(f"{file.name} has no ha-eks:traffic to {remedy}")
    set_drained(route53(settings, file.name), stack, traffic, drained=drained)
    now = f"Route 53 {'no longer sends' if drained else 'sends'} clients to {stack}"
    if traffic.drained is not drained:
        _write_drained(file, stack, now, drained=drained)
    print(f"{now}; commit {file.name} now, so that no up changes this", file=sys.stderr)


def _write_drained(file: Path, stack: str, now: str, *, drained: bool) -> None:
    """Edits the stack file. Pulumi needs its state for this, which an outage can affect too."""
    value = "true" if drained else "false"
    try:
        _run([required_pulumi(), "config", "set", "--path", _DRAINED, value, "--stack", stack])
    except (MissingError, RemedyError) as error:
        raise RemedyError(
            f"{error}\n{now}, but {file.name} does not say so: write drained: {value} in its "
            "ha-eks:traffic, and commit it"
        ) from error


def move_zone(remedy: str, stack: str, zone: str) -> None:
    """Takes a zone out of service or returns it: edits the stack file, and deploys only this edit.

    Raises SettingsError, RecordingError, MissingError, RemedyError or ProgramError.
    """
    file = ROOT / f"Pulumi.{stack}.yaml"
    edit, before = _edit(remedy, record(stack), zone), file.read_bytes()
    program = required_pulumi()
    if edit:  # otherwise the stack file has the edit already, and is only applied
        _run([program, "config", *edit, "--stack", stack])
    try:
        recording = record(stack)
    except (SettingsError, RecordingError):
        file.write_bytes(before)
        raise
    targets = zone_targets(recording, StackState(program, stack, ROOT).resources())
    command = [program, "up", "--yes", "--skip-preview", "--stack", stack]
    _run([*command, *(part for urn in targets for part in ("--target", urn))])
    print(
        f"applied; commit {file.name} now: an up with an older file would undo it\n"
        f"alarms and the dashboard still expect the former zones; run make up STACK={stack} "
        "when its pods are ready",
        file=sys.stderr,
    )


def _edit(remedy: str, recording: Recording, zone: str) -> Sequence[str]:
    """Returns the arguments of `pulumi config` that edit the stack file, whose comments remain."""
    network = recording.settings.network
    if zone not in network.zones:
        raise RemedyError(f"ZONE={zone}: must be one of {', '.join(network.zones)}")
    if (zone in network.zones_out) is (remedy == "zone-out"):
        return []
    if remedy == "zone-out":
        return ["set", "--path", f"{_ZONES_OUT}[{len(network.zones_out)}]", zone]
    if len(network.zones_out) == 1:
        return ["rm", "--path", _ZONES_OUT]
    return ["rm", "--path", f"{_ZONES_OUT}[{network.zones_out.index(zone)}]"]


def _run(command: Sequence[str]) -> None:
    """Runs a command to its end, with its output in the terminal."""
    environment = {**os.environ, **targeted_up.ENVIRONMENT}
    try:
        status = run_to_completion(command, ROOT, environment)
    except OSError as error:
        raise RemedyError(f"{command[0]}: {why(error)}; install it again") from error
    if status:
        raise RemedyError(
            f"pulumi {command[1]} failed, see its output; fix the cause and run the same command "
            "again"
        )


if __name__ == "__main__":
    sys.exit(status_of(main))
