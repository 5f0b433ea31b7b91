"""Edits of pools: which there are, how many nodes, and what nodes are like."""

from core.tags import SPANNING
from tools.rehearsal.edits.alarm_operations import OVER_ALL, alarms
from tools.rehearsal.edits.edit import Config, Edit, takes


def first_pool(config: Config) -> Config:
    """The pool that edits are made to."""
    return next(iter(config["ha-eks:pools"].values()))


def higher_minimum(config: Config) -> None:
    """The first pool's minimum is a node a zone above what it begins with."""
    size = first_pool(config)["perZone"]
    size["min"] = size.pop("initial", size["min"]) + 1


HIGHER_MINIMUM = Edit(
    name="a pool's minimum above what runs",
    change=higher_minimum,
    fits=takes(higher_minimum),
    may=("update NodeGroup nodes-*", *alarms("update", "nodes-*")),
)


def bigger_pool(config: Config) -> None:
    """The first pool's maximum is two nodes a zone higher."""
    first_pool(config)["perZone"]["max"] += 2


BIGGER_POOL = Edit(
    name="a bigger pool",
    change=bigger_pool,
    may=("update NodeGroup nodes-*",),
    # Of a pool that could not grow, there was none.
    might=(*alarms("update", "nodes-*-at-max"), *alarms("create", "nodes-*-at-max"), OVER_ALL),
)
"""Made while the autoscaler holds more nodes than the file says: they stay."""


def new_pool(config: Config) -> None:
    """A pool `extra`."""
    config["ha-eks:pools"]["extra"] = {
        "instanceTypes": ["c7i.large"],
        "perZone": {"min": 1, "max": 2},
    }


NEW_POOL = Edit(
    name="a new pool",
    change=new_pool,
    may=(
        "create LaunchTemplate nodes-extra",
        "create NodeGroup nodes-extra-*",
        "create Tag nodes-extra-*",
        *alarms("create", "nodes-extra-*"),
        OVER_ALL,
    ),
)


def reserved(config: Config) -> None:
    """Capacity is reserved for the pool `extra`."""
    config["ha-eks:pools"]["extra"]["perZone"]["reserved"] = 1


RESERVED = Edit(
    name="capacity reserved for it",
    change=reserved,
    may=(
        "create CapacityReservation nodes-extra-*",
        "update LaunchTemplate nodes-extra",
        "update NodeGroup nodes-extra-*",
    ),
)


def spanning_pool(config: Config) -> None:
    """A pool `wide`, one node group over all zones."""
    config["ha-eks:pools"]["wide"] = {
        "instanceTypes": ["c7i.large"],
        "perZone": {"min": 1, "max": 2},
        "layout": SPANNING,
    }


SPANNING_POOL = Edit(
    name="a pool over all zones",
    change=spanning_pool,
    may=(
        "create LaunchTemplate nodes-wide",
        "create NodeGroup nodes-wide-spanning",
        "create Tag nodes-wide-spanning-*",
        *alarms("create", "nodes-wide-*"),
        OVER_ALL,
    ),
)


def larger_disk(config: Config) -> None:
    """Larger disks of the first pool's nodes."""
    pool = first_pool(config)
    pool["diskGib"] = pool.get("diskGib", 50) + 10


LARGER_DISK = Edit(
    name="a larger disk, in the launch template",
    change=larger_disk,
    may=("update LaunchTemplate nodes-*", "update NodeGroup nodes-*"),
)


def labels(config: Config) -> None:
    """Another label of the first pool's nodes."""
    pool = first_pool(config)
    pool["labels"] = {**pool.get("labels", {}), "edited": "yes"}


LABELS = Edit(name="a label of a pool's nodes", change=labels, may=("update NodeGroup nodes-*",))


def release(config: Config) -> None:
    """Another AMI release for the first pool's nodes."""
    first_pool(config)["releaseVersion"] = f"{config['ha-eks:cluster']['version']}.9-20991231"


RELEASE = Edit(name="another AMI release", change=release, may=("update NodeGroup nodes-*",))

_OTHER_AMI = {
    "AL2023_x86_64_STANDARD": "BOTTLEROCKET_x86_64",
    "AL2023_ARM_64_STANDARD": "BOTTLEROCKET_ARM_64",
}


def other_ami(config: Config) -> None:
    """Another operating system for the first pool's nodes, which they cannot take in place."""
    now = first_pool(config).get("amiType", "AL2023_x86_64_STANDARD")
    back = {new: old for old, new in _OTHER_AMI.items()}
    pool = first_pool(config)
    pool["amiType"] = {**_OTHER_AMI, **back}[now]
    for key in ("kubelet", "warmPool"):  # which are not the same for both
        pool.pop(key, None)


def other_layout(config: Config) -> None:
    """One node group over all zones for the first pool's nodes instead of one in each, or back."""
    pool = first_pool(config)
    pool["layout"] = "perZone" if pool.get("layout") == SPANNING else SPANNING
