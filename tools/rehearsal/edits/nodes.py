"""Edits of pools: new pools, sizes, and properties of nodes."""

from core.tags import SPANNING
from tools.rehearsal.edits.alarm_operations import UPDATE_COMPOSITE_ALARMS, metric_alarms
from tools.rehearsal.edits.edit import Config, Edit, stays_valid


def first_pool(config: Config) -> Config:
    """Returns the section of the first pool, which the edits change."""
    return next(iter(config["ha-eks:pools"].values()))


def raise_minimum(config: Config) -> None:
    """Raises the minimum of the first pool to one node per zone more than its initial size."""
    size = first_pool(config)["perZone"]
    size["min"] = size.pop("initial", size["min"]) + 1


RAISE_MINIMUM = Edit(
    name="raise the minimum of a pool above its running nodes",
    change=raise_minimum,
    applies=stays_valid(raise_minimum),
    expected=("update NodeGroup nodes-*", *metric_alarms("update", "nodes-*")),
)


def raise_maximum(config: Config) -> None:
    """Raises the maximum of the first pool by two nodes per zone."""
    first_pool(config)["perZone"]["max"] += 2


RAISE_MAXIMUM = Edit(
    name="raise the maximum of a pool",
    change=raise_maximum,
    expected=("update NodeGroup nodes-*",),
    # A pool with a fixed size had no alarm on its maximum.
    optional=(
        *metric_alarms("update", "nodes-*-at-max"),
        *metric_alarms("create", "nodes-*-at-max"),
        UPDATE_COMPOSITE_ALARMS,
    ),
)
"""Applied after the autoscaler has scaled up: the additional nodes must stay."""


def add_pool(config: Config) -> None:
    """Adds a pool `extra`."""
    config["ha-eks:pools"]["extra"] = {
        "instanceTypes": ["c7i.large"],
        "perZone": {"min": 1, "max": 2},
    }


ADD_POOL = Edit(
    name="add a pool",
    change=add_pool,
    expected=(
        "create LaunchTemplate nodes-extra",
        "create NodeGroup nodes-extra-*",
        "create Tag nodes-extra-*",
        *metric_alarms("create", "nodes-extra-*"),
        UPDATE_COMPOSITE_ALARMS,
    ),
)


def reserve_capacity(config: Config) -> None:
    """Reserves EC2 capacity for the pool `extra`."""
    config["ha-eks:pools"]["extra"]["perZone"]["reserved"] = 1


RESERVE_CAPACITY = Edit(
    name="reserve EC2 capacity for the new pool",
    change=reserve_capacity,
    expected=(
        "create CapacityReservation nodes-extra-*",
        "update LaunchTemplate nodes-extra",
        "update NodeGroup nodes-extra-*",
    ),
)


def add_spanning_pool(config: Config) -> None:
    """Adds a pool `wide` with one node group that spans all zones."""
    config["ha-eks:pools"]["wide"] = {
        "instanceTypes": ["c7i.large"],
        "perZone": {"min": 1, "max": 2},
        "layout": SPANNING,
    }


ADD_SPANNING_POOL = Edit(
    name="add a pool that spans all zones",
    change=add_spanning_pool,
    expected=(
        "create LaunchTemplate nodes-wide",
        "create NodeGroup nodes-wide-spanning",
        "create Tag nodes-wide-spanning-*",
        *metric_alarms("create", "nodes-wide-*"),
        UPDATE_COMPOSITE_ALARMS,
    ),
)


def enlarge_disk(config: Config) -> None:
    """Enlarges the disk of the first pool's nodes."""
    pool = first_pool(config)
    pool["diskGib"] = pool.get("diskGib", 50) + 10


ENLARGE_DISK = Edit(
    name="enlarge the disk of a pool's nodes",
    change=enlarge_disk,
    expected=("update LaunchTemplate nodes-*", "update NodeGroup nodes-*"),
)


def add_label(config: Config) -> None:
    """Adds a label to the first pool's nodes."""
    pool = first_pool(config)
    pool["labels"] = {**pool.get("labels", {}), "edited": "yes"}


ADD_LABEL = Edit(
    name="add a label to a pool's nodes", change=add_label, expected=("update NodeGroup nodes-*",)
)


def change_ami_release(config: Config) -> None:
    """Sets the AMI release of the first pool's nodes."""
    first_pool(config)["releaseVersion"] = f"{config['ha-eks:cluster']['version']}.9-20991231"


CHANGE_AMI_RELEASE = Edit(
    name="change the AMI release of a pool",
    change=change_ami_release,
    expected=("update NodeGroup nodes-*",),
)

_OTHER_AMI_TYPES = {
    "AL2023_x86_64_STANDARD": "BOTTLEROCKET_x86_64",
    "AL2023_ARM_64_STANDARD": "BOTTLEROCKET_ARM_64",
    "BOTTLEROCKET_x86_64": "AL2023_x86_64_STANDARD",
    "BOTTLEROCKET_ARM_64": "AL2023_ARM_64_STANDARD",
}


def change_ami_type(config: Config) -> None:
    """Changes the AMI type of the first pool, or changes it back; this replaces all nodes."""
    pool = first_pool(config)
    pool["amiType"] = _OTHER_AMI_TYPES[pool.get("amiType", "AL2023_x86_64_STANDARD")]
    for key in ("kubelet", "warmPool"):  # their allowed values depend on the AMI type
        pool.pop(key, None)


def change_layout(config: Config) -> None:
    """Changes the layout of the first pool: `perZone` to `spanning`, or back."""
    pool = first_pool(config)
    pool["layout"] = "perZone" if pool.get("layout") == SPANNING else SPANNING
