"""Finds or builds the pinned programs that deployment, rehearsal, drills and scan run."""

from tools.toolchain.build import ToolError, find, is_present
from tools.toolchain.tools import (
    ETCD,
    HAPROXY,
    HELM,
    KUBE_APISERVER,
    KUBE_CONTROLLER_MANAGER,
    KUBE_SCHEDULER,
    KUBE_SCORE,
    KUBECTL,
    KWOK,
    METRICS_SERVER,
    PULUMI,
    PULUMI_KUBERNETES,
    VEGETA,
    Tool,
)

__all__ = [
    "ETCD",
    "HAPROXY",
    "HELM",
    "KUBECTL",
    "KUBE_APISERVER",
    "KUBE_CONTROLLER_MANAGER",
    "KUBE_SCHEDULER",
    "KUBE_SCORE",
    "KWOK",
    "METRICS_SERVER",
    "PULUMI",
    "PULUMI_KUBERNETES",
    "VEGETA",
    "Tool",
    "ToolError",
    "find",
    "is_present",
]
