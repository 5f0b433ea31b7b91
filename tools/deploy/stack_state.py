"""Reads the state and the outputs of a stack with the Pulumi CLI."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.deploy.programs import json_of, output_of


class StackState:
    """The state of a stack, from its backend."""

    def __init__(self, program: str, stack: str, folder: Path) -> None:
        self._program, self._stack, self._folder = program, stack, folder

    def resources(self) -> Sequence[Mapping[str, Any]]:
        """Returns the resources in the state, in the format of the engine."""
        state = json_of(self._command("stack", "export"), "pulumi stack export", self._folder)
        deployment: Mapping[str, Any] = state["deployment"] or {}  # null before the first up
        return deployment.get("resources") or []

    def kubeconfig(self) -> str:
        """Returns the kubeconfig of the stack, with its secrets."""
        command = self._command("stack", "output", "kubeconfig", "--show-secrets")
        return output_of(command, "pulumi stack output kubeconfig", self._folder)

    def _command(self, *arguments: str) -> Sequence[str]:
        return [self._program, *arguments, "--stack", self._stack]
