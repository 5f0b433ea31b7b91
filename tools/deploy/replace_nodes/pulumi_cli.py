"""The Pulumi CLI, as the engine of a replacement."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from settings.node_replacement import Replacement
from tools.deploy.aws_cli import why
from tools.deploy.replace_nodes.interfaces import AGAIN, ReplaceError
from tools.deploy.replace_nodes.programs import answer, document


class PulumiCli:
    """Pulumi, on the stack of a cell."""

    def __init__(self, program: str, stack: str, folder: Path) -> None:
        self._program, self._stack, self._folder = program, stack, folder

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        """Brings up some resources; what the CLI tells of it goes to the terminal."""
        targets = [part for urn in urns for part in ("--target", urn)]
        command = [*self._command("up"), "--yes", "--skip-preview", *targets]
        environment = {**os.environ, **replacing.environment}
        try:
            code = _to_its_end(command, self._folder, environment)
        except OSError as error:
            raise ReplaceError(f"pulumi up of {replacing.group}: {why(error)}; {AGAIN}") from error
        if code:
            raise ReplaceError(f"pulumi up of {replacing.group} failed; what it says is above")

    def node_group(self, urn: str) -> str | None:
        """Name in AWS of the node group with a URN in the state."""
        for each in self.resources():
            if each["urn"] == urn and not each.get("delete"):
                return str(each["id"]).rpartition(":")[2]
        return None

    def resources(self) -> Sequence[Mapping[str, Any]]:
        """The resources in the state, as the engine keeps them."""
        state = document(self._command("stack", "export"), "pulumi stack export", self._folder)
        return state["deployment"].get("resources") or []

    def kubeconfig(self) -> str:
        """The stack's kubeconfig."""
        command = self._command("stack", "output", "kubeconfig", "--show-secrets")
        return answer(command, "pulumi stack output kubeconfig", self._folder)

    def _command(self, *arguments: str) -> Sequence[str]:
        return [self._program, *arguments, "--stack", self._stack]


def _to_its_end(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    """Exit status of a command that is never killed.

    Ctrl-C reaches Pulumi too, which then ends what is under way and writes it down: killed, it
    leaves a lock, and node groups that no state knows.
    """
    with subprocess.Popen(command, cwd=folder, env=environment) as program:
        try:
            return program.wait()
        except KeyboardInterrupt:
            program.wait()
            raise
