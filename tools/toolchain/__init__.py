"""Finds or builds the pinned programs that deployment and rehearsal run."""

from tools.toolchain.tools import ETCD, KUBE_APISERVER, KUBECTL, PULUMI, Tool, ToolError, find

__all__ = ["ETCD", "KUBECTL", "KUBE_APISERVER", "PULUMI", "Tool", "ToolError", "find"]
