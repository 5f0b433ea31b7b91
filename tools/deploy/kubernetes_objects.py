"""Reads objects of a cluster with kubectl, and their conditions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.deploy.programs import json_of, output_of

_PROBE = 10
"""Seconds for the API to answer a probe."""


class KubernetesObjects:
    """The objects in the cluster of a kubeconfig."""

    def __init__(self, program: Path, kubeconfig: Path) -> None:
        self._command = [str(program), "--kubeconfig", str(kubeconfig)]

    def probe(self) -> None:
        """Raises ProgramError within seconds if the API does not answer; `items` takes minutes.

        https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/
        """
        command = [*self._command, "get", "--raw", "/version", f"--request-timeout={_PROBE}s"]
        output_of(command, "kubectl get --raw /version")

    def items(self, kind: str, *arguments: str) -> Sequence[Any]:  # Any: JSON of any shape
        """Returns the objects of a kind; raises ProgramError."""
        command = [*self._command, "get", kind, *arguments, "--output", "json"]
        return json_of(command, f"kubectl get {kind}")["items"]


def condition(described: Mapping[str, Any], type_: str) -> Mapping[str, Any] | None:
    """Returns the condition of a Kubernetes object; None if it is absent."""
    for each in described.get("status", {}).get("conditions") or ():
        if each["type"] == type_:
            return each
    return None
