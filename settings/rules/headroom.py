"""Headroom: that there is room for it, and that what it is asked for can be had."""

from collections.abc import Iterator

from core.packing import NodeKind, Packed
from core.versions import minor_of
from core.zone_loss import SYSTEM, Cell, fullest
from settings.capacity import cell_of
from settings.cell import NAMESPACE, Settings
from settings.problem import Problem

_KEY = f"{NAMESPACE}:headroom"
_BUFFERS_SINCE = 35
"""Minor of the Cluster Autoscaler that has CapacityBuffer."""


def _by_hand(settings: Settings) -> Iterator[Problem]:
    apps = settings.apps.root
    for name, pods in settings.headroom.pods.items():
        if name not in apps:
            allowed = f"an app: {', '.join(sorted(apps))}"
            yield Problem(key=f"{_KEY}.pods.{name}", value=pods, allowed=allowed)


def _buffers(settings: Settings) -> Iterator[Problem]:
    headroom, version = settings.headroom, settings.cluster.version
    if headroom.mode != "capacityBuffer":
        return
    if minor_of(version) < _BUFFERS_SINCE:
        allowed = f"pausePods: CapacityBuffer came with 1.35, and the cluster is {version}"
        yield Problem(key=f"{_KEY}.mode", value=headroom.mode, allowed=allowed)
    if headroom.size == "proportional":
        yield Problem(
            key=f"{_KEY}.size",
            value=headroom.size,
            allowed="auto or none with mode capacityBuffer: pause pods grow with the nodes",
        )


def _fits(settings: Settings) -> Iterator[Problem]:
    """The fullest zone at the apps' minimums, and its room, fit on the pools at their most."""
    if not settings.network.zones_in:
        return
    cell = cell_of(settings)
    if len(cell.pools) < len(settings.pools.root) or not all(map(_usable, cell.pools.values())):
        return  # refused by the rules of instance types
    no_node = list(_too_large(cell))
    yield from no_node
    if no_node:
        return
    packed = fullest(cell)
    for pool in sorted({name for pod in packed.pending for name in pod.pools}):
        yield Problem(
            key=f"{NAMESPACE}:pools.{pool}.perZone.max",
            value=cell.pools[pool].max,
            allowed=_sum(cell, packed, pool),
        )


def _usable(kind: NodeKind) -> bool:
    return min(kind.free.cpu, kind.free.memory, kind.free.pods) > 0


def _too_large(cell: Cell) -> Iterator[Problem]:
    for app in cell.apps:
        kinds = {name: cell.pools[name] for name in sorted(app.pod.pools) if name in cell.pools}
        if kinds and not any(app.pod.asks.fits(kind.free) for kind in kinds.values()):
            have = ", ".join(f"{kind.name} of {name} {kind.free}" for name, kind in kinds.items())
            yield Problem(
                key=f"{NAMESPACE}:apps.{app.pod.name}.requests",
                value=str(app.pod.asks),
                allowed=f"what a node has for pods, beside what runs on every node: {have}",
            )


def _sum(cell: Cell, packed: Packed, pool: str) -> str:
    of_zone = [
        f"{app.in_fullest(cell.zones)} {app.pod.name} of {app.pod.asks}"
        for app in cell.apps
        if pool in app.pod.pools
    ]
    held = [
        f"{count} {name}"
        for name, count in cell.room.items()
        if count
        and (name == SYSTEM or any(a.pod.name == name and pool in a.pod.pools for a in cell.apps))
    ]
    room = f", and room for {', '.join(held)}" if held else ""
    waiting = sum(pool in pod.pools for pod in packed.pending)
    return (
        f"more, larger instance types, or less headroom: a zone has to take "
        f"{', '.join(of_zone) or 'the system'}{room}; at {cell.pools[pool].free} a node, {waiting} "
        "of those pods find no place"
    )


RULES = (_by_hand, _buffers, _fits)
