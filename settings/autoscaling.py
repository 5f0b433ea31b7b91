"""`ha-eks:autoscaling`: nodes that come and go with the pods, and room held for a lost zone's."""

from typing import Annotated

from pydantic import Field

from settings.section import Section


class Autoscaling(Section):
    """Cluster Autoscaler and headroom."""

    headroom: bool = True
    """Whether each zone holds room for its share of what another zone ran, for every app."""

    node_provision_minutes: Annotated[int, Field(ge=4, le=14)] = 10
    """How long the autoscaler waits for a node before it tries another group: at least twice
    what a node takes to be ready, and below the autoscaler's own 15."""
