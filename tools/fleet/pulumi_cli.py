"""Implements the interface of a fleet to Pulumi with the Pulumi CLI."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence

from pulumi.automation import errors

from settings import Problem, SettingsError
from tools.deploy.preview_steps import changing, preview_steps
from tools.deploy.programs import ProgramError
from tools.deploy.release.alarm import impact_of, minutes_of
from tools.deploy.up import MissingError, Ready, check_quotas, deploy, print_interruptions, ready
from tools.fleet.fleet_file import Fleet, fleet_error
from tools.fleet.interfaces import FleetError
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT

REFUSALS = (SettingsError, RecordingError, MissingError, ProgramError)
"""Errors whose message is complete."""


class PulumiCli:
    """Pulumi with the stacks of a fleet, as `make up` runs it."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def preview(self, cell: str) -> Mapping[str, int]:
        """Returns the number of resources by operation, after the checks of `make up`."""
        try:
            recording, tools = _checked(cell)
            self._check_bake_time(recording)
            steps = preview_steps([tools.pulumi, "preview", "--stack", cell], ROOT, os.environ)
        except REFUSALS as error:
            advice = f"; deploy the cell first: make up STACK={cell}" if _no_stack(error) else ""
            raise FleetError(f"{cell}: {error}{advice}") from error
        return Counter(str(each["op"]) for each in changing(steps))

    def up(self, cell: str) -> str | None:
        """Updates a cell after the checks of `make up`; returns the reason of a failure."""
        lines: list[str] = []
        try:
            recording, tools = _checked(cell)
            status = deploy(tools, recording, ("--yes", "--skip-preview"), lines.append)
        except REFUSALS as error:
            return str(error)
        if not status:
            return None
        return locked_by(lines, cell) or f"pulumi up ended with status {status}, see its output"

    def _check_bake_time(self, recording: Recording) -> None:
        """Raises SettingsError if the bake time is too short for the alarm on impact."""
        name = impact_of(recording)
        needed = minutes_of(recording, name) if name else 0
        if self._fleet.bake_minutes < needed:
            message = (
                f"must be at least {needed}: {name} evaluates a change of the cell after up to "
                f"{needed} minutes"
            )
            raise fleet_error(ROOT, [Problem(key="bakeMinutes", message=message)])


def _checked(cell: str) -> tuple[Recording, Ready]:
    """Returns the recording of a cell, and the programs that deploy it, after all checks."""
    recording = record(cell)
    tools = ready(recording)
    check_quotas(recording, tools.ask)
    print_interruptions(recording, tools)
    return recording, tools


def locked_by(lines: Sequence[str], cell: str) -> str | None:
    """Returns who holds the lock of a stack, from the error output of Pulumi; None: no lock.

    The output of a state in a bucket names the holder in the line after the error.
    https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/backend/diy/lock.go
    """
    for number, line in enumerate(lines):
        if errors.diy_backend_conflict_text in line:
            holder = "".join(lines[number + 1 : number + 2]).strip().partition(": ")[2]
            return f"the stack {cell} is locked: {holder or line}; wait until that update ends"
        if errors.conflict_text in line:
            return f"the stack {cell} is locked: another update is in progress; wait until it ends"
    return None


def _no_stack(error: Exception) -> bool:
    return "no stack named" in str(error)
