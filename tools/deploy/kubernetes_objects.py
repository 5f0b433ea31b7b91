"""Reads objects of a cluster with kubectl."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.deploy.programs import json_of


class KubernetesObjects:
    """The objects in the cluster of a kubeconfig."""

    def __init__(self, program: Path, kubeconfig: Path) -> None:
        self._command = [str(program), "--kubeconfig", str(kubeconfig)]

    def items(self, kind: str, *arguments: str) -> Sequence[Any]:  # Any: JSON of any shape
        """Returns the objects of a kind; raises ProgramError."""
        command = [*self._command, "get", kind, *arguments, "--output", "json"]
        return json_of(command, f"kubectl get {kind}")["items"]
