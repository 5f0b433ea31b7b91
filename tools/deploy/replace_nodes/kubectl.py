"""Implements the interface to Kubernetes with kubectl, which evicts through the eviction API."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.labels import NODE_GROUP
from tools.deploy.kubernetes_objects import KubernetesObjects
from tools.deploy.programs import output_of


class Kubectl(KubernetesObjects):
    """The cluster of a kubeconfig."""

    def __init__(
        self,
        program: Path,
        kubeconfig: Path,
        *,
        seconds: int,
        ignored_namespaces: frozenset[str] = frozenset(),
    ) -> None:
        """Takes the limit for the drain of a node, and namespaces whose pods may be pending."""
        super().__init__(program, kubeconfig)
        self._seconds, self._ignored = seconds, ignored_namespaces

    def ready_nodes(self, group: str) -> int:
        """Returns the number of ready and schedulable nodes of a node group."""
        return sum(
            not node["spec"].get("unschedulable")
            and any(
                each["type"] == "Ready" and each["status"] == "True"
                for each in node["status"].get("conditions", [])
            )
            for node in self._nodes(group)
        )

    def cordon(self, group: str) -> None:
        """Cordons the nodes of a node group."""
        for node in self._nodes(group):
            self._run("cordon", node["metadata"]["name"])

    def drain(self, group: str) -> None:
        """Evicts the pods of a node group's nodes, node by node.

        Raises ProgramError if a node takes longer than the limit; the other pods are not evicted.
        """
        for node in self._nodes(group):
            name = node["metadata"]["name"]
            self._run(
                "drain", name, "--ignore-daemonsets", "--delete-emptydir-data",
                f"--timeout={self._seconds}s",
            )  # fmt: skip

    def not_ready(self) -> Sequence[str]:
        """Returns a line for each Deployment with fewer ready pods than replicas."""
        lines: list[str] = []
        for each in self.items("deployments", "--all-namespaces"):
            metadata, status = each["metadata"], each.get("status", {})
            replicas, ready = each["spec"].get("replicas", 1), status.get("readyReplicas", 0)
            if ready < replicas and metadata["namespace"] not in self._ignored:
                name = f"{metadata['namespace']}/{metadata['name']}"
                lines.append(f"{name}: {ready} of {replicas} pods are ready")
        return lines

    def _nodes(self, group: str) -> Sequence[Any]:
        return self.items("nodes", "--selector", f"{NODE_GROUP}={group}")

    def _run(self, *arguments: str) -> None:
        output_of([*self._command, *arguments], f"kubectl {' '.join(arguments[:2])}")
