"""What headroom takes and what it buys, in figures and in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from core.availability.replicas import headroom_per_zone
from core.availability.zone_loss import (
    SYSTEM,
    ZoneModel,
    pack_fullest_zone,
    simulate_zone_loss,
    system_headroom,
)


@dataclass(frozen=True, kw_only=True)
class HeadroomEffect:
    """What the room of a cell is worth."""

    nodes: Mapping[str, int]
    """Nodes that it takes, in all zones together, by pool; pools that it takes none of left out."""
    pending_without: int
    """Pods of a lost zone that would wait for new nodes without it."""
    pending_with: int
    """Those that wait with it as well."""


def headroom_effect(cell: ZoneModel) -> HeadroomEffect:
    """What the room of a cell takes, and what it buys when a zone is lost."""
    bare = replace(cell, headroom={})
    with_headroom, without = pack_fullest_zone(cell), pack_fullest_zone(bare)
    more = {
        pool: (with_headroom.count(pool) - without.count(pool)) * cell.zones for pool in cell.pools
    }
    return HeadroomEffect(
        nodes={pool: count for pool, count in more.items() if count},
        pending_without=len(simulate_zone_loss(bare).unschedulable),
        pending_with=len(simulate_zone_loss(cell).unschedulable),
    )


def explained(cell: ZoneModel) -> str:
    """What each zone holds room for, and why so much: one sentence."""
    if not cell.headroom:
        return "none: pods of a lost zone wait for new nodes where the others are full"
    lost = [
        f"{app.pods_in_fullest_zone(cell.zones)} {app.pod.name}"
        for app in cell.apps
        if cell.headroom.get(app.pod.name)
    ]
    if SYSTEM in cell.headroom:
        lost.append(
            f"{sum(each.pods_in_fullest_zone(cell.zones) for each in cell.system)} of the system"
        )
    others = "for the other" if cell.zones == 2 else f"over the other {cell.zones - 1}"
    return (
        f"each zone holds room for {_listed(_held(cell))}: what a lost one of {cell.zones} zones "
        f"runs, {_listed(lost)}, {others}"
    )


def _held(cell: ZoneModel) -> Iterator[str]:
    for app in cell.apps:
        name, headroom = app.pod.name, cell.headroom.get(app.pod.name, 0)
        share = headroom_per_zone(app.pods, cell.zones)
        if headroom:
            yield (
                f"{headroom} {name}"
                if headroom == share
                else f"{headroom} {name} (its share is {share})"
            )
    if SYSTEM in cell.headroom:
        yield f"{system_headroom(cell.system, cell.zones)} of the system"


def _listed(words: list[str] | Iterator[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
