"""kubectl, as the cluster of a replacement: evictions by the API, with the budgets in force."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.deploy.replace_nodes.programs import answer, document

GROUP = "eks.amazonaws.com/nodegroup"
"""Label that EKS gives to the nodes of a group."""


class Kubectl:
    """The cluster that a kubeconfig leads to."""

    def __init__(
        self,
        program: Path,
        kubeconfig: Path,
        *,
        seconds: int,
        yielding: frozenset[str] = frozenset(),
    ) -> None:
        """A node is drained in at most `seconds`; namespaces `yielding` may lack pods."""
        self._command = [str(program), "--kubeconfig", str(kubeconfig)]
        self._seconds, self._yielding = seconds, yielding

    def ready_nodes(self, group: str) -> int:
        """Nodes of a group that are ready and take pods."""
        return sum(
            not node["spec"].get("unschedulable")
            and any(
                each["type"] == "Ready" and each["status"] == "True"
                for each in node["status"].get("conditions", [])
            )
            for node in self._nodes(group)
        )

    def cordon(self, group: str) -> None:
        """Keeps new pods off a group's nodes."""
        for node in self._nodes(group):
            self._run("cordon", node["metadata"]["name"])

    def drain(self, group: str) -> None:
        """Evicts what runs on a group's nodes, one node after the other.

        Raises ReplaceError if a node takes longer than the bound: the pods that are left stay.
        """
        for node in self._nodes(group):
            name = node["metadata"]["name"]
            self._run(
                "drain", name, "--ignore-daemonsets", "--delete-emptydir-data",
                f"--timeout={self._seconds}s",
            )  # fmt: skip

    def lacking(self) -> Sequence[str]:
        """A line for each Deployment that has fewer ready pods than it wants."""
        lines: list[str] = []
        for each in self._items("deployments", "--all-namespaces"):
            metadata, status = each["metadata"], each.get("status", {})
            wanted, ready = each["spec"].get("replicas", 1), status.get("readyReplicas", 0)
            if ready < wanted and metadata["namespace"] not in self._yielding:
                name = f"{metadata['namespace']}/{metadata['name']}"
                lines.append(f"{name}: {ready} of {wanted} pods are ready")
        return lines

    def _nodes(self, group: str) -> Sequence[Any]:
        return self._items("nodes", "--selector", f"{GROUP}={group}")

    def _items(self, kind: str, *arguments: str) -> Sequence[Any]:  # Any: JSON of any shape
        command = [*self._command, "get", kind, *arguments, "--output", "json"]
        return document(command, f"kubectl get {kind}")["items"]

    def _run(self, *arguments: str) -> None:
        answer([*self._command, *arguments], f"kubectl {' '.join(arguments[:2])}")
