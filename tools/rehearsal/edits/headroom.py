"""Edits of the room that a cell holds for more pods."""

from tools.rehearsal.edits.alarm_operations import OVER_ALL, alarms
from tools.rehearsal.edits.edit import Config, Edit, takes
from tools.rehearsal.edits.images import of_images

ROOM = "* overprovisioner-*"
"""What holds room, in any mode."""


def buffers(config: Config) -> None:
    """The autoscaler keeps room by itself."""
    config["ha-eks:headroom"] = {"mode": "capacityBuffer"}


CAPACITY_BUFFERS = Edit(
    name="room that the autoscaler keeps",
    change=buffers,
    fits=takes(buffers),
    may=(
        "create CustomResourceDefinition autoscaling-capacity-buffers",
        "update Release autoscaling-cluster-autoscaler",
        "create PodTemplate overprovisioner-*",
        "create CapacityBuffer overprovisioner-*",
    ),
    might=(
        f"delete {ROOM}",
        "create Namespace overprovisioner",
        *alarms("delete", "headroom-*"),
        OVER_ALL,
    ),
)


def proportional_headroom(config: Config) -> None:
    """Room is held by pods, which become more as the cell grows."""
    config["ha-eks:headroom"] = {"size": "proportional"}


PROPORTIONAL_HEADROOM = Edit(
    name="room that grows with the cell",
    change=proportional_headroom,
    fits=takes(proportional_headroom),
    may=(
        "create Deployment overprovisioner-*",
        "create Release overprovisioner-*",
        "create PodDisruptionBudget overprovisioner-*",
        "create Namespace overprovisioner-*",
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
