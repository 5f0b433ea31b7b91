"""`ha-eks:autoscaling`: nodes that come and go with the pods, and room held for a lost zone's."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from settings.section import Section, refuse


def _version(value: str) -> str:
    if not re.fullmatch(r"v1\.[0-9]+\.[0-9]+", value):
        raise refuse("a release of the Cluster Autoscaler, such as v1.36.1")
    return value


class Autoscaling(Section):
    """Cluster Autoscaler and headroom."""

    headroom: bool = True
    """Whether each zone holds room for its share of what another zone ran, for every app."""

    node_provision_minutes: Annotated[int, Field(ge=4, le=14)] = 10
    """How long the autoscaler waits for a node before it tries another group: at least twice
    what a node takes to be ready, and below the autoscaler's own 15."""

    version: Annotated[str, AfterValidator(_version)] | None = None
    """Image tag of the Cluster Autoscaler, of the cluster's minor; default: the one pinned in
    `core/versions.py`. https://github.com/kubernetes/autoscaler/releases"""
