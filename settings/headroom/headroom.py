"""`ha-eks:headroom`: capacity that each zone reserves for the pods of a failed zone."""

from typing import Annotated, Literal

from pydantic import Field

from settings.reading.names import AppName
from settings.reading.section import Section


class Headroom(Section):
    """Headroom: capacity that each zone reserves for failover, and the overprovisioner."""

    size: Literal["auto", "proportional", "none"] = "auto"
    """Size of the headroom. `auto`: if a zone fails, the headroom of the other zones is enough for
    the pods that the zone runs at the minimum replicas of all workloads without a volume, and for
    its system pods. `proportional`: the headroom of `auto`, which grows with the number of nodes of
    the cell. `none`: no headroom, except for the apps in `pods`. Default: `auto`."""

    pods: dict[AppName, Annotated[int, Field(ge=0, le=1000)]] = Field(
        default_factory=dict[str, int]
    )
    """Number of pods of an app for which each zone reserves capacity, 0 to 1000, by name of the
    app, such as `{web: 2}`. `size` applies to the other apps. Default: none."""

    nodes_per_pod: Annotated[int, Field(ge=1, le=1000)] = 10
    """With `size: proportional`, number of nodes of the cell for which each zone reserves capacity
    for one pod of each app, 1 to 1000. The headroom is at least that of `auto`, and at most the
    headroom for the maximum replicas of the app. Default: 10."""

    mode: Literal["pausePods", "capacityBuffer"] = "pausePods"
    """Overprovisioner. `pausePods`: pause pods reserve the capacity and are preempted by pods of
    apps. `capacityBuffer`: the Cluster Autoscaler reserves the capacity for CapacityBuffer
    resources, from Kubernetes 1.35; not with `size: proportional`. Default: `pausePods`."""
