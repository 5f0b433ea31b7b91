"""The parts of a drill: which are real, and which are simulated and how."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER, CLUSTER_AUTOSCALER
from tools.drills.charts import FOLDER
from tools.drills.descheduler import RUN_SECONDS
from tools.drills.node_model import BOOT_SECONDS

_BUILD = re.compile("-[0-9a-f]{12}$")
"""Digest at the end of the file name of a build."""


def real_parts(programs: Mapping[str, Path]) -> Sequence[str]:
    """Returns the names of the programs, with versions if the file names contain them."""
    files = {name: _BUILD.sub("", path.name) for name, path in programs.items() if name != FOLDER}
    return [file if file.startswith(name) else name for name, file in files.items()]


def simulated_parts(programs: Mapping[str, Path]) -> Mapping[str, str]:
    """Returns the simulated parts of a drill with these programs, and how each is simulated."""
    boot = f"{BOOT_SECONDS:.0f}s"
    return {
        "nodes and kubelets": "KWOK, one process for each zone",
        "pods": "become ready 2s after they are scheduled, and end when their grace period ends",
        **(
            {"Auto Scaling groups": f"moto; an instance is a node after {boot}"}
            if CLUSTER_AUTOSCALER.name in programs
            else {"Cluster Autoscaler": f"a pod that fits on no node gets one after {boot}"}
        ),
        **(
            {"target groups": "moto; targets are healthy after their first health checks"}
            if AWS_LOAD_BALANCER_CONTROLLER.name in programs
            else {}
        ),
        "descheduler": f"a run every {RUN_SECONDS:.0f}s, while a scenario measures uneven zones",
        **(
            {
                "EKS": "pods with the requests, spread and budgets of the real add-ons",
                "charts": "rendered by Helm; their pods are simulated, their webhooks are left out",
            }
            if FOLDER in programs
            else {"EKS and charts": "pods with the requests, spread and budgets of the real ones"}
        ),
    }
