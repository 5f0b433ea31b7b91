"""Supply of nodes in a drill: the real Cluster Autoscaler if its path is given, or a model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.facts.versions.charts import CLUSTER_AUTOSCALER
from tools.drills.node_model import BOOT_SECONDS, SCAN_SECONDS
from tools.drills.recorded_chart import recorded_chart
from tools.recording import Recording

_REFRESH_SECONDS = 60.0
"""Seconds after which the Cluster Autoscaler reads the Auto Scaling groups again: refreshInterval.
https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/cloudprovider/aws/aws_manager.go
"""

_DEFAULT_SCAN = "10s"
"""Default of --scan-interval."""

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True, kw_only=True)
class NodeSupply:
    """Upper bounds of the time until new nodes are ready."""

    program: Path | None
    """The Cluster Autoscaler; None for the model."""
    node_seconds: float
    """Seconds that a pod that fits on no node waits for a node."""
    failure_seconds: float
    """Additional seconds if the first node does not arrive, and another zone is used."""
    removal_seconds: float
    """Seconds until it is known that a scenario has removed nodes. Until then, pods wait for nodes
    that do not exist."""


def node_supply(recording: Recording, programs: Mapping[str, Path]) -> NodeSupply:
    """Returns the supply of a drill: the Cluster Autoscaler if it is among the programs."""
    program = programs.get(CLUSTER_AUTOSCALER.name)
    join = SCAN_SECONDS + BOOT_SECONDS
    if program is None:
        return NodeSupply(
            program=None,
            node_seconds=SCAN_SECONDS + join,
            failure_seconds=SCAN_SECONDS + BOOT_SECONDS,
            removal_seconds=0,
        )
    options = recorded_chart(recording, CLUSTER_AUTOSCALER.name).values.get("extraArgs", {})
    scan = _seconds(options.get("scan-interval", _DEFAULT_SCAN))
    return NodeSupply(
        program=program,
        node_seconds=scan + join,
        failure_seconds=_REFRESH_SECONDS + 2 * scan,
        removal_seconds=SCAN_SECONDS + _REFRESH_SECONDS + scan,
    )


def _seconds(duration: str) -> float:
    """Returns the seconds of a duration of Go, such as 1m30s."""
    parts = re.findall(r"([0-9.]+)(ms|h|m|s)", duration)
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
