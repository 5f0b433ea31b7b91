"""What a program answers to a command, or in one line why it does not."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.deploy.aws_cli import why
from tools.deploy.replace_nodes.interfaces import AGAIN, ReplaceError


def answer(command: Sequence[str], what: str, folder: Path | None = None) -> str:
    """What a command says; raises ReplaceError, which begins with `what`."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ReplaceError(f"{what}: {why(error)}; {AGAIN}") from error
    return done.stdout.decode(errors="replace")


def document(command: Sequence[str], what: str, folder: Path | None = None) -> Any:
    """The JSON, of any shape, that a command says; raises ReplaceError likewise."""
    try:
        return json.loads(answer(command, what, folder))
    except ValueError as error:
        raise ReplaceError(f"{what}: no JSON: {why(error)}; {AGAIN}") from error
