"""The real programs that the rehearsal runs, pinned, and where each is found or built."""

from tools.toolchain.tools import ETCD, KUBE_APISERVER, KUBECTL, PULUMI, Tool, ToolError, find

__all__ = ["ETCD", "KUBECTL", "KUBE_APISERVER", "PULUMI", "Tool", "ToolError", "find"]
