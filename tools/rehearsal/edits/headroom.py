"""Edits of the mode and size of the headroom."""

from tools.rehearsal.edits.alarm_operations import UPDATE_COMPOSITE_ALARMS, metric_alarms
from tools.rehearsal.edits.edit import Config, Edit, stays_valid
from tools.rehearsal.edits.images import cached_images

OVERPROVISIONER = "* overprovisioner-*"
"""Resources of the overprovisioner, in every mode."""


def use_capacity_buffers(config: Config) -> None:
    """Sets the mode `capacityBuffer`: the Cluster Autoscaler holds the headroom."""
    config["ha-eks:headroom"] = {"mode": "capacityBuffer"}


USE_CAPACITY_BUFFERS = Edit(
    name="hold the headroom with CapacityBuffers",
    change=use_capacity_buffers,
    applies=stays_valid(use_capacity_buffers),
    expected=(
        "create CustomResourceDefinition autoscaling-capacity-buffers",
        "update Release autoscaling-cluster-autoscaler",
        "create PodTemplate overprovisioner-*",
        "create CapacityBuffer overprovisioner-*",
    ),
    optional=(
        f"delete {OVERPROVISIONER}",
        "create Namespace overprovisioner",
        *metric_alarms("delete", "headroom-*"),
        UPDATE_COMPOSITE_ALARMS,
    ),
)


def use_proportional_size(config: Config) -> None:
    """Sets the size `proportional`: the number of pause pods follows the size of the cluster."""
    config["ha-eks:headroom"] = {"size": "proportional"}


USE_PROPORTIONAL_SIZE = Edit(
    name="hold the headroom with pause pods in proportion to the cluster",
    change=use_proportional_size,
    applies=stays_valid(use_proportional_size),
    expected=(
        "create Deployment overprovisioner-*",
        "create Release overprovisioner-*",
        "create PodDisruptionBudget overprovisioner-*",
        "create Namespace overprovisioner-*",
    ),
    optional=(
        f"delete {OVERPROVISIONER}",
        f"update {OVERPROVISIONER}",
        "delete CustomResourceDefinition autoscaling-capacity-buffers",
        "update Release autoscaling-cluster-autoscaler",
        *cached_images("create"),
        *metric_alarms("create", "headroom-*"),
        UPDATE_COMPOSITE_ALARMS,
    ),
)
