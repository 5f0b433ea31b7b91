"""`ha-eks:resilience.experiments`: the AWS FIS experiments that can run in the cell."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from settings.aws import Region
from settings.network.network import Zone
from settings.observability.retention import RetentionDays
from settings.reading.section import Section, Unique, refuse

ExperimentName = Literal[
    "delete-pods", "stress-cpu", "terminate-nodes", "interrupt-spot", "slow-zone", "lossy-zone",
    "lose-a-zone", "cut-cross-region",
]  # fmt: skip
"""Name of an experiment, as in core/experiments/catalog.py."""

_REFUSED = {
    "pod-network": "needs root in an ephemeral container with the security context of the target "
    "pod, which pods of a cell refuse (Pod Security Standard restricted); write slow-zone or "
    "lossy-zone, which act on nodes",
    "pod-cpu": "fails for pods with a read-only root file system, which the pods of a cell have; "
    "write stress-cpu, which acts on nodes",
    "pod-memory": "fails for pods with a read-only root file system, which the pods of a cell have",
    "pod-io": "fails for pods with a read-only root file system, which the pods of a cell have",
}
"""Reasons why actions of FIS cannot work in a cell, by a part of their names.
https://docs.aws.amazon.com/fis/latest/userguide/eks-pod-actions.html, read on 2026-11-29"""


def _possible(value: object) -> object:
    if isinstance(value, str):
        for part, reason in _REFUSED.items():
            if part in value:
                raise refuse(f"{value} {reason}")
    return value


class Experiments(Section):
    """Fault-injection experiments of AWS FIS, which `make experiment` runs. Each has a template, a
    role for its own actions, and alarms that stop it. Nothing runs until you start it."""

    enabled: Annotated[
        tuple[Annotated[ExperimentName, BeforeValidator(_possible)], ...], Unique
    ] = ()
    """Names of the experiments, such as `[delete-pods, lose-a-zone]`; docs/experiments.md describes
    each. Default: none."""
    zone: Zone | None = None
    """Zone in which experiments act, such as `us-east-1b`. Default: the first zone of
    `network.zones` that is not out."""
    other_region: Region | None = None
    """Region of the partner cell, such as `us-west-2`, from which `cut-cross-region` cuts this
    cell off. Required with that experiment, refused otherwise."""
    retention_days: RetentionDays = 365
    """Days for which reports and logs of experiments are kept, one of the values that CloudWatch
    supports. Default: 365."""
