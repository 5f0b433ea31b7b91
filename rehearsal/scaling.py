"""Edits of a stack file that are about how many nodes there are, and how much room they hold."""

import copy
from collections.abc import Callable

from rehearsal.changes import Config, first_pool
from rehearsal.edit import Edit
from settings import check


def takes(change: Callable[[Config], None]) -> Callable[[Config], bool]:
    """Whether a stack file is still one that is taken after a change."""

    def fits(config: Config) -> bool:
        other = copy.deepcopy(config)
        change(other)
        return not check(other)[1]

    return fits


def higher_minimum(config: Config) -> None:
    """The first pool's minimum is a node a zone above what it begins with."""
    size = first_pool(config)["perZone"]
    size["min"] = size.pop("initial", size["min"]) + 1


def zone_out(config: Config) -> None:
    """The last zone is gone for long."""
    network = config["ha-eks:network"]
    network["zonesOut"] = [network["zones"][-1]]


def zone_back(config: Config) -> None:
    """It is there again."""
    del config["ha-eks:network"]["zonesOut"]


def is_out(config: Config) -> bool:
    """Whether a zone is out."""
    return "zonesOut" in config["ha-eks:network"]


def zones_in(config: Config) -> set[str]:
    """The zones that are there."""
    network = config["ha-eks:network"]
    return {*network["zones"]} - {*network.get("zonesOut", [])}


def buffers(config: Config) -> None:
    """The autoscaler keeps room by itself."""
    config["ha-eks:headroom"] = {"mode": "capacityBuffer"}


def growing_room(config: Config) -> None:
    """Room is held by pods, which become more as the cell grows."""
    config["ha-eks:headroom"] = {"size": "proportional"}


ROOM = "* autoscaling-headroom-*"
"""What holds room, in any mode."""

CLAIM = ("update HorizontalPodAutoscaler *", "update Deployment *")
PERHAPS_CLAIM = (
    "update PodDisruptionBudget *",
    "update Release autoscaling-cluster-autoscaler",
    f"update {ROOM}",
)
"""What changes with the zones that the claim counts with."""

HIGHER_MINIMUM = Edit(
    name="a pool's minimum above what runs",
    change=higher_minimum,
    fits=takes(higher_minimum),
    may=("update NodeGroup nodes-*",),
)

ZONE_OUT = Edit(
    name="a zone is out",
    change=zone_out,
    fits=takes(zone_out),
    may=("update NodeGroup nodes-*",),
    might=(f"delete {ROOM}", *CLAIM, *PERHAPS_CLAIM),
)
"""Made while the autoscaler holds no more nodes than it has to, as is the next."""

ZONE_BACK = Edit(
    name="that zone is back",
    change=zone_back,
    fits=is_out,
    may=ZONE_OUT.may,
    might=(f"create {ROOM}", *CLAIM, *PERHAPS_CLAIM),
)

KEPT_ROOM = Edit(
    name="room that the autoscaler keeps",
    change=buffers,
    fits=takes(buffers),
    may=(
        "create CustomResourceDefinition autoscaling-capacity-buffers",
        "update Release autoscaling-cluster-autoscaler",
        "create PodTemplate autoscaling-headroom-*",
        "create CapacityBuffer autoscaling-headroom-*",
    ),
    might=(f"delete {ROOM}", "create Namespace autoscaling-headroom"),
)

GROWING_ROOM = Edit(
    name="room that grows with the cell",
    change=growing_room,
    fits=takes(growing_room),
    may=(
        "create Deployment autoscaling-headroom-*",
        "create Release autoscaling-headroom-*",
        "create PodDisruptionBudget autoscaling-headroom-*",
        "create Namespace autoscaling-headroom-*",
    ),
    might=(
        f"delete {ROOM}",
        f"update {ROOM}",
        "delete CustomResourceDefinition autoscaling-capacity-buffers",
        "update Release autoscaling-cluster-autoscaler",
    ),
)
