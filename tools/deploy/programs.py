"""Runs a program and returns its output, or raises an error of one line."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.deploy.aws_cli import why
from tools.deploy.captured import captured


class ProgramError(Exception):
    """A program failed; the message is one line."""


def output_of(command: Sequence[str], description: str, folder: Path | None = None) -> str:
    """Returns the output of a command; raises ProgramError, which begins with the description."""
    try:
        done = captured(command, folder)
        done.check_returncode()
    except (OSError, subprocess.CalledProcessError) as error:
        raise ProgramError(f"{description}: {why(error)}") from error
    return done.stdout.decode(errors="replace")


def json_of(command: Sequence[str], description: str, folder: Path | None = None) -> Any:
    """Returns the JSON output of a command, of any shape; raises ProgramError like `output_of`."""
    try:
        return json.loads(output_of(command, description, folder))
    except ValueError as error:
        raise ProgramError(f"{description}: not JSON: {why(error)}") from error
