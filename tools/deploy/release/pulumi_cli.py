"""Implements the interface to Pulumi with the Pulumi CLI."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from settings import targeted_up
from tools.deploy.aws_cli import why
from tools.deploy.foreground import run_to_completion
from tools.deploy.preview_steps import Step, preview_steps
from tools.deploy.release.interfaces import ReleaseError


class PulumiCli:
    """Pulumi with the stack of a cell."""

    def __init__(self, program: str, stack: str, folder: Path) -> None:
        self._program, self._stack, self._folder = program, stack, folder

    def preview(self, urns: Sequence[str]) -> Sequence[Step]:
        """Returns the steps of a preview of some resources; raises ProgramError."""
        environment = {**os.environ, **targeted_up.ENVIRONMENT}
        return preview_steps(self._command("preview", urns), self._folder, environment)

    def up(self, urns: Sequence[str], stop: threading.Event) -> int:
        """Updates some resources, and returns the exit status."""
        return self._run(self._command("up", urns, "--yes", "--skip-preview"), stop)

    def refresh(self, urns: Sequence[str]) -> bool:
        """Reads some resources into the state; false if that fails."""
        return self._run(self._command("refresh", urns, "--yes", "--skip-preview")) == 0

    def _command(self, verb: str, urns: Sequence[str], *options: str) -> Sequence[str]:
        targets = [part for urn in urns for part in ("--target", urn)]
        return [self._program, verb, *options, "--stack", self._stack, *targets]

    def _run(self, command: Sequence[str], stop: threading.Event | None = None) -> int:
        environment = {**os.environ, **targeted_up.ENVIRONMENT}
        try:
            return run_to_completion(command, self._folder, environment, stop)
        except OSError as error:
            raise ReleaseError(f"{self._program}: {why(error)}; install it again") from error
