"""Implements the interface to Pulumi with the Pulumi CLI."""

import os
from collections.abc import Sequence

from settings.node_replacement import Replacement
from tools.deploy.aws_cli import why
from tools.deploy.foreground import run_to_completion
from tools.deploy.replace_nodes.interfaces import REMEDY, ReplaceError
from tools.deploy.stack_state import StackState


class PulumiCli(StackState):
    """Pulumi with the stack of a cell."""

    def up(self, replacing: Replacement, urns: Sequence[str]) -> None:
        """Updates only the named resources; the output of the CLI goes to the terminal."""
        targets = [part for urn in urns for part in ("--target", urn)]
        command = [*self._command("up"), "--yes", "--skip-preview", *targets]
        environment = {**os.environ, **replacing.environment}
        try:
            code = run_to_completion(command, self._folder, environment)
        except OSError as error:
            raise ReplaceError(f"pulumi up of {replacing.group}: {why(error)}; {REMEDY}") from error
        if code:
            raise ReplaceError(f"pulumi up of {replacing.group} failed, see its output; {REMEDY}")

    def node_group(self, urn: str) -> str | None:
        """Returns the name in AWS of a node group in the state; None if the URN is absent."""
        for each in self.resources():
            if each["urn"] == urn and not each.get("delete"):
                return str(each["id"]).rpartition(":")[2]
        return None
