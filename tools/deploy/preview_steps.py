"""Reads the steps of `pulumi preview`, and finds those that change a resource."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.deploy.aws_cli import why
from tools.deploy.captured import captured
from tools.deploy.programs import ProgramError

Step = Mapping[str, Any]  # Any: JSON of any shape
"""A step of a preview: `op`, `urn`, and the inputs in `oldState` and `newState`."""

UNCHANGED = frozenset({"same", "read", "refresh"})
"""Operations that change no resource. A resource that the program only reads has the second one."""
_PARTS = frozenset({"create-replacement", "delete-replaced"})
"""Steps that belong to a step `replace`."""


def preview_steps(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Sequence[Step]:
    """Returns the steps of a preview; raises ProgramError with the first error of the program.

    `command` is `pulumi preview` with its options, without those of its output.
    https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/
    """
    command = [*command, "--json", "--non-interactive"]
    try:
        done = captured(command, folder, environment)
        if not done.stdout.startswith(b"{"):
            done.check_returncode()
        digest = json.loads(done.stdout)
        for each in digest.get("diagnostics", ()):
            if each["severity"] == "error":
                raise ProgramError(f"pulumi preview: {each['message'].splitlines()[0]}")
        done.check_returncode()
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise ProgramError(f"pulumi preview: {why(error)}") from error
    return digest.get("steps", ())


def changing(steps: Sequence[Step]) -> Iterator[Step]:
    """Yields the steps that change a resource, one for each resource."""
    yield from (each for each in steps if each["op"] not in UNCHANGED | _PARTS)


def short(urn: str) -> str:
    """Returns the last part of a URN's type and its name, such as Deployment web."""
    type_, name = urn.split("::")[2:4]
    return f"{type_.rpartition(':')[2]} {name}"
