"""Edits of the room that a cell holds for more pods."""

from rehearsal.edits.alarms import OVER_ALL, alarms
from rehearsal.edits.edit import Config, Edit, takes
from rehearsal.edits.images import of_images

ROOM = "* autoscaling-headroom-*"
"""What holds room, in any mode."""


def buffers(config: Config) -> None:
    """The autoscaler keeps room by itself."""
    config["ha-eks:headroom"] = {"mode": "capacityBuffer"}


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
    might=(
        f"delete {ROOM}",
        "create Namespace autoscaling-headroom",
        *alarms("delete", "headroom-*"),
        OVER_ALL,
    ),
)


def growing_room(config: Config) -> None:
    """Room is held by pods, which become more as the cell grows."""
    config["ha-eks:headroom"] = {"size": "proportional"}


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
        *of_images("create"),
        *alarms("create", "headroom-*"),
        OVER_ALL,
    ),
)
