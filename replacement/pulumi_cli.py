"""The Pulumi CLI, as the engine of a replacement."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from replacement.parts import ReplaceError
from settings.replacement import Replacement


class PulumiCli:
    """Pulumi, on the stack of a cell."""

    def __init__(self, program: str, stack: str, folder: Path) -> None:
        self._program, self._stack, self._folder = program, stack, folder

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        """Brings up some resources; what the CLI tells of it goes to the terminal."""
        targets = [part for urn in urns for part in ("--target", urn)]
        command = [self._program, "up", "--stack", self._stack, "--yes", "--skip-preview", *targets]
        done = subprocess.run(
            command, cwd=self._folder, env={**os.environ, **replacing.environment}, check=False
        )
        if done.returncode:
            raise ReplaceError(f"pulumi up of {replacing.group} failed; what it says is above")

    def node_group(self, urn: str) -> str | None:
        """Name in AWS of the node group with a URN in the state."""
        for each in self.resources():
            if each["urn"] == urn and not each.get("delete"):
                return str(each["id"]).rpartition(":")[2]
        return None

    def has(self, urn: str) -> bool:
        """Whether the state has a resource with a URN."""
        return any(each["urn"] == urn and not each.get("delete") for each in self.resources())

    def resources(self) -> Sequence[Mapping[str, Any]]:
        """The resources in the state, as the engine keeps them."""
        state = json.loads(self._asked("stack", "export"))
        return state["deployment"].get("resources") or []

    def kubeconfig(self) -> str:
        """The stack's kubeconfig."""
        return self._asked("stack", "output", "kubeconfig", "--show-secrets")

    def _asked(self, *arguments: str) -> str:
        command = [self._program, *arguments, "--stack", self._stack]
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ReplaceError(f"pulumi {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout
