"""`ha-eks:headroom`: room that each zone holds for the pods of a lost one."""

from typing import Annotated, Literal

from pydantic import Field

from settings.reading.names import AppName
from settings.reading.section import Section


class Headroom(Section):
    """How much room, for which pods, and by what."""

    size: Literal["auto", "proportional", "none"] = "auto"
    """`auto`: in each zone its share of what another zone runs at the apps' minimums, apps and
    system; `proportional`: that, and more as the cell gets more nodes; `none`."""

    pods: dict[AppName, Annotated[int, Field(ge=0, le=1000)]] = Field(
        default_factory=dict[str, int]
    )
    """Pods of an app that each zone holds room for, by hand; of an app that is not named, `size`
    decides."""

    nodes_per_pod: Annotated[int, Field(ge=1, le=1000)] = 10
    """With `proportional`: room for a pod of each app in each zone for so many nodes of the cell,
    never less than `auto` holds, nor more than its share of the app at its most."""

    mode: Literal["pausePods", "capacityBuffer"] = "pausePods"
    """`pausePods`: pods that do nothing and give way; `capacityBuffer`: the autoscaler keeps room
    by itself (Kubernetes 1.35 and newer)."""
