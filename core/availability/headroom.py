"""What headroom takes and what it buys, in figures and in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from core.availability.replicas import headroom_per_zone
from core.availability.zone_loss import SYSTEM, Cell, fullest, lose_a_zone, system_room


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What the room of a cell is worth."""

    nodes: Mapping[str, int]
    """Nodes that it takes, in all zones together, by pool; pools that it takes none of left out."""
    waiting: int
    """Pods of a lost zone that would wait for new nodes without it."""
    still_waiting: int
    """Those that wait with it as well."""


def worth(cell: Cell) -> Worth:
    """What the room of a cell takes, and what it buys when a zone is lost."""
    bare = replace(cell, room={})
    with_room, without = fullest(cell), fullest(bare)
    more = {pool: (with_room.count(pool) - without.count(pool)) * cell.zones for pool in cell.pools}
    return Worth(
        nodes={pool: count for pool, count in more.items() if count},
        waiting=len(lose_a_zone(bare).unplaced),
        still_waiting=len(lose_a_zone(cell).unplaced),
    )


def explained(cell: Cell) -> str:
    """What each zone holds room for, and why so much: one sentence."""
    if not cell.room:
        return "none: pods of a lost zone wait for new nodes where the others are full"
    lost = [
        f"{app.in_fullest(cell.zones)} {app.pod.name}"
        for app in cell.apps
        if cell.room.get(app.pod.name)
    ]
    if SYSTEM in cell.room:
        lost.append(f"{sum(each.in_fullest(cell.zones) for each in cell.system)} of the system")
    others = "for the other" if cell.zones == 2 else f"over the other {cell.zones - 1}"
    return (
        f"each zone holds room for {_listed(_held(cell))}: what a lost one of {cell.zones} zones "
        f"runs, {_listed(lost)}, {others}"
    )


def _held(cell: Cell) -> Iterator[str]:
    for app in cell.apps:
        name, room = app.pod.name, cell.room.get(app.pod.name, 0)
        share = headroom_per_zone(app.pods, cell.zones)
        if room:
            yield f"{room} {name}" if room == share else f"{room} {name} (its share is {share})"
    if SYSTEM in cell.room:
        yield f"{system_room(cell.system, cell.zones)} of the system"


def _listed(words: list[str] | Iterator[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
