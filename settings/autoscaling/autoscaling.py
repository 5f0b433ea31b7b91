"""`ha-eks:autoscaling`: the Cluster Autoscaler and the descheduler."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse


def _version(value: str) -> str:
    if not re.fullmatch(r"v1\.[0-9]+\.[0-9]+", value):
        raise refuse("must be a release of the Cluster Autoscaler, such as v1.36.1")
    return value


class Autoscaling(Section):
    """The Cluster Autoscaler, which adds and removes nodes, and the descheduler, which evicts pods
    that are spread unevenly."""

    expander: Literal["least-waste", "priority"] = "least-waste"
    """Choice of the pool if several pools can run a pending pod. `least-waste`: the pool that would
    have the least unused CPU and memory. `priority`: spot pools before other pools; requires a
    `SPOT` pool. Default: `least-waste`."""

    node_provision_minutes: Annotated[int, Field(ge=4, le=14)] = 10
    """Minutes that the Cluster Autoscaler waits for a new node to become ready before it tries
    another node group, 4 to 14. Write at least twice the time that a node needs. The value must be
    less than the autoscaler's own timeout of 15 minutes. Default: 10."""

    version: Annotated[str, AfterValidator(_version)] | None = None
    """Image tag of the Cluster Autoscaler, such as `v1.36.1`. Its minor version must be that of
    `cluster.version`. Default: the version in `core/facts/versions/images.py`.
    https://github.com/kubernetes/autoscaler/releases"""

    descheduler: bool = True
    """True: the descheduler evicts pods that are spread unevenly over zones and nodes, for example
    after a zone has recovered or load has dropped, so that the scheduler spreads them again. It
    evicts one pod of each app every 30 seconds, within disruption budgets. Apps with
    `spread.nodes: strict` are left out. False: pods stay uneven until the next rollout, and the
    failure of the fullest zone can leave fewer than `replicas.needed` pods. Default: true."""
