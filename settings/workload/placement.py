"""Placement of an app's pods on zones and nodes."""

from typing import Annotated, Literal

from pydantic import Field

from settings.reading.section import Section


class Spread(Section):
    """Distribution of the pods over zones and nodes. `preferred`: as even as capacity allows.
    `strict`: a pod that would make the distribution uneven stays pending."""

    zones: Literal["preferred", "strict"] = "strict"
    """`strict`: the numbers of pods per zone differ by at most one. The descheduler restores this
    distribution; moved pods preempt headroom. A zone that runs no further pod blocks new pods in
    all zones, unless the zone has failed, is cordoned or is in `network.zonesOut`."""
    nodes: Literal["preferred", "strict", "alone"] = "preferred"
    """`strict`: the numbers of pods per eligible node differ by at most one; the descheduler leaves
    the app out. `alone`: at most one pod of the app per node."""

    @property
    def one_per_node(self) -> bool:
        """True if no two pods of the app run on one node."""
        return self.nodes == "alone"


class TolerationSeconds(Section):
    """Time that a pod stays on a failed node before it is evicted and replaced. Kubernetes marks a
    node as failed 40 to 50 seconds after its last status update."""

    not_ready: Annotated[int, Field(ge=0, le=3600)] = 60
    """On a node that reports that it is not ready."""
    unreachable: Annotated[int, Field(ge=0, le=3600)] = 60
    """On a node that reports nothing."""
