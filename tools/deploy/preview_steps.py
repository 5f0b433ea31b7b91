"""Reads the steps of `pulumi preview`."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.deploy.aws_cli import why
from tools.deploy.captured import captured
from tools.deploy.programs import ProgramError


def preview_steps(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Sequence[Mapping[str, Any]]:  # Any: JSON of any shape
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
