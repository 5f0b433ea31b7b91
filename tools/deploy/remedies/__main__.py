"""`python -m tools.deploy.remedies REMEDY STACK`: edits the stack file, and deploys only this edit.

Works while pods are not ready, after a failed `up`, and if the stack file has other edits.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from settings import SettingsError, targeted_up
from tools.command_line import add_stack
from tools.deploy.aws_cli import why
from tools.deploy.programs import ProgramError
from tools.deploy.remedies.targets import TRAFFIC, zone_targets
from tools.deploy.stack_state import StackState
from tools.deploy.up import MissingError, pulumi_cli
from tools.entry_point import status_of
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT

_DRAINED, _ZONES_OUT = "ha-eks:traffic.drained", "ha-eks:network.zonesOut"

_HINTS = {
    "drain": "if the region does not answer: docs/runbooks/region-lost.md#drain-without-the-region"
}
"""What to do if the `up` of a remedy fails, by remedy: Pulumi reads the cell in its region."""


class RemedyError(Exception):
    """The remedy is not applied; the message says what to do."""


def main() -> int:
    """Applies the remedy of the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy.remedies",
        description="Edits the stack file and deploys only this edit. Works while pods are not "
        "ready, after a failed up, and if the stack file has other edits.",
    )
    parser.add_argument("remedy", choices=("drain", "undrain", "zone-out", "zone-in"))
    add_stack(parser)
    parser.add_argument("--zone", help="zone for zone-out and zone-in, such as us-east-1a")
    arguments = parser.parse_args()
    remedy, stack, zone = str(arguments.remedy), str(arguments.stack), arguments.zone
    if remedy.startswith("zone-") and not zone:
        parser.error(f"write the zone: make {remedy} STACK={stack} ZONE=us-east-1a")
    try:
        apply(remedy, stack, zone)
    except (SettingsError, RecordingError, MissingError, RemedyError, ProgramError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def apply(remedy: str, stack: str, zone: str | None = None) -> None:
    """Edits the stack file, and deploys only this edit.

    Raises SettingsError, RecordingError, MissingError, RemedyError or ProgramError.
    """
    missing: list[str] = []
    program = pulumi_cli(missing)
    if missing:
        raise MissingError("\n".join(missing))
    file = ROOT / f"Pulumi.{stack}.yaml"
    recording, before = record(stack), file.read_text(encoding="utf-8")
    edit = _edit(remedy, recording, zone)
    if edit:  # otherwise the stack file has the edit already, and is only applied
        _run([program, "config", *edit, "--stack", stack])
    try:
        recording = record(stack)
    except (SettingsError, RecordingError):
        file.write_text(before, encoding="utf-8")
        raise
    targets = (
        zone_targets(recording, StackState(program, stack, ROOT).resources()) if zone else TRAFFIC
    )
    command = [program, "up", "--yes", "--skip-preview", "--stack", stack]
    _run([*command, *(part for urn in targets for part in ("--target", urn))], _HINTS.get(remedy))
    print(
        f"applied; commit {file.name} now: an up with an older file would undo it",
        file=sys.stderr,
    )
    if zone:
        print(
            f"alarms and the dashboard still expect the former zones; run make up STACK={stack} "
            "when its pods are ready",
            file=sys.stderr,
        )


def _edit(remedy: str, recording: Recording, zone: str | None) -> Sequence[str]:
    """Returns the arguments of `pulumi config` that edit the stack file, whose comments remain."""
    if recording.settings.traffic is None and not zone:
        raise RemedyError(f"Pulumi.{recording.stack}.yaml has no ha-eks:traffic to {remedy}")
    if zone is None:
        draining = ["set", "--path", _DRAINED, "true"]
        return draining if remedy == "drain" else ["set", "--path", _DRAINED, "false"]
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


def _run(command: Sequence[str], hint: str | None = None) -> None:
    """Runs a command to its end, with its output in the terminal; `hint` is for its failure."""
    environment = {**os.environ, **targeted_up.ENVIRONMENT}
    try:
        status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    except OSError as error:
        raise RemedyError(f"{command[0]}: {why(error)}; install it again") from error
    if status:
        raise RemedyError(
            f"pulumi {command[1]} failed, see its output; fix the cause and run the same command "
            f"again{f'; {hint}' if hint else ''}"
        )


if __name__ == "__main__":
    sys.exit(status_of(main))
