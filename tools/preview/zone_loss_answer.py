"""Answer of the zone-loss proof, from the data of `--json`: also of an older revision."""

from collections.abc import Mapping, Sequence
from typing import Any

from settings.reading.wording import counted, listed


def zone_loss_answer(proof: Mapping[str, Any]) -> str:  # Any: JSON
    """Returns the answer of the zone-loss proof as a sentence without its full stop."""
    zones: Sequence[Mapping[str, Any]] = proof["zones"]
    if not zones:
        [zone] = proof["others"][0]["workloads"][0]["before"]
        return f"no failover, because {zone} is the only zone in service"
    below = [
        each["name"]
        for each in zones[0]["workloads"]
        if each["kind"] != "system" and sum(each["left"].values()) < each["needed"]
    ]
    if below:
        names = listed(below) if len(below) < 4 else counted(len(below), "workload")
        return f"the loss of a zone leaves too few pods of {names}"
    limits: list[str] = []
    if waiting := sum(zones[0]["waiting"].values()):
        limits.append(f"{counted(waiting, 'pod')} {'waits' if waiting == 1 else 'wait'} for nodes")
    if further := [each["lostZones"][0] for each in zones if each["also"]]:
        limits.append(f"the loss of {listed(further)} affects more than pods")
    but = f", but {listed(limits)}" if limits else ""
    return f"any one zone can fail, and the needed pods remain{but}"
