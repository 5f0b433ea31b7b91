"""Where an app's pods are, and how long they stay there."""

from typing import Annotated, Literal

from pydantic import Field

from settings.reading.section import Section


class Spread(Section):
    """How evenly pods are over zones and nodes. Preferred, a pod comes up where there is room;
    strict, it waits until it can come up evenly."""

    zones: Literal["preferred", "strict"] = "preferred"
    """Strict: to within one pod. A zone that has no room then keeps pods from all the others."""
    nodes: Literal["preferred", "strict", "alone"] = "preferred"
    """Strict: to within one pod, of the nodes that it may run on. Alone: no two on a node, ever."""

    @property
    def alone(self) -> bool:
        """Whether no two pods share a node."""
        return self.nodes == "alone"


class TolerationSeconds(Section):
    """How long a pod stays on a node that does not answer, before it is evicted and another one
    is made elsewhere; on top of the 40 to 50 s after which Kubernetes takes a node for lost."""

    not_ready: Annotated[int, Field(ge=0, le=3600)] = 60
    """On a node that says it is not ready, 0 to 3600 s."""
    unreachable: Annotated[int, Field(ge=0, le=3600)] = 60
    """On a node that says nothing, 0 to 3600 s."""
