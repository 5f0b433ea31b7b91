"""Changes of a stack file that are about how many nodes there are, and how much room they hold."""

import copy
from collections.abc import Callable

from rehearsal.changes import Config, first_pool
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
