"""`ha-eks:autoscaling`: nodes that come and go with the pods, and pods that move between them."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.section import Section, refuse


def _version(value: str) -> str:
    if not re.fullmatch(r"v1\.[0-9]+\.[0-9]+", value):
        raise refuse("a release of the Cluster Autoscaler, such as v1.36.1")
    return value


class Autoscaling(Section):
    """Cluster Autoscaler and descheduler."""

    expander: Literal["least-waste", "priority"] = "least-waste"
    """Which pool gets a node where several could: the one that the pods leave least of unused, or
    first those of spot instances."""

    node_provision_minutes: Annotated[int, Field(ge=4, le=14)] = 10
    """How long the autoscaler waits for a node before it tries another group: at least twice
    what a node takes to be ready, and below the autoscaler's own 15."""

    version: Annotated[str, AfterValidator(_version)] | None = None
    """Image tag of the Cluster Autoscaler, of the cluster's minor; default: the one pinned in
    `core/facts/versions.py`. https://github.com/kubernetes/autoscaler/releases"""

    descheduler: bool = True
    """Whether pods that stand unevenly, after a zone has come back or a burst has gone, are
    evicted within their disruption budgets to be spread anew."""
