"""Headroom: that there is room for it, and that what it is asked for can be had."""

import sys
from collections.abc import Iterator
from dataclasses import replace

from core.availability.packing import NodeGroupModel
from core.availability.zone_loss import SYSTEM, ZoneModel, pack_fullest_zone
from core.facts.versions import minor_of
from settings.availability import zone_model_of
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:headroom"
_BUFFERS_SINCE = 35
"""Minor of the Cluster Autoscaler that has CapacityBuffer."""


def _by_hand(settings: Settings) -> Iterator[Problem]:
    apps = settings.apps
    for name, pods in settings.headroom.pods.items():
        if name not in apps:
            message = f"an app: {', '.join(sorted(apps))}"
            yield Problem(key=f"{_KEY}.pods.{name}", value=pods, message=message)


def _buffers(settings: Settings) -> Iterator[Problem]:
    headroom, version = settings.headroom, settings.cluster.version
    if headroom.mode != "capacityBuffer":
        return
    if minor_of(version) < _BUFFERS_SINCE:
        message = f"pausePods: CapacityBuffer came with 1.35, and the cluster is {version}"
        yield Problem(key=f"{_KEY}.mode", value=headroom.mode, message=message)
    if headroom.size == "proportional":
        yield Problem(
            key=f"{_KEY}.size",
            value=headroom.size,
            message="auto or none with mode capacityBuffer: pause pods grow with the nodes",
        )


def _fits(settings: Settings) -> Iterator[Problem]:
    """The fullest zone at the apps' minimums, and its room, fit on the pools at their most."""
    if not settings.network.zones_in:
        return
    cell = zone_model_of(settings)
    if len(cell.pools) < len(settings.pools) or not all(map(_usable, cell.pools.values())):
        return  # refused by the rules of instance types
    no_node = list(_too_large(cell))
    yield from no_node
    if no_node:
        return
    short = {name for pod in pack_fullest_zone(cell).pending for name in pod.pools}
    boundless = {name: replace(kind, max=sys.maxsize) for name, kind in cell.pools.items()}
    wanted = pack_fullest_zone(replace(cell, pools=boundless))
    for pool in sorted(short):
        if wanted.count(pool) > cell.pools[pool].max:
            yield Problem(
                key=f"{NAMESPACE}:pools.{pool}.perZone.max",
                value=cell.pools[pool].max,
                message=f"{wanted.count(pool)} or more, larger types or less headroom: "
                f"{_sum(cell, pool)}",
            )


def _usable(kind: NodeGroupModel) -> bool:
    return min(kind.free.cpu, kind.free.memory, kind.free.pods) > 0


def _too_large(cell: ZoneModel) -> Iterator[Problem]:
    for app in cell.apps:
        kinds = {name: cell.pools[name] for name in sorted(app.pod.pools) if name in cell.pools}
        if kinds and not any(app.pod.requests.fits(kind.free) for kind in kinds.values()):
            have = ", ".join(f"{kind.name} of {name} {kind.free}" for name, kind in kinds.items())
            yield Problem(
                key=f"{NAMESPACE}:apps.{app.pod.name}.requests",
                value=str(app.pod.requests),
                message=f"what a node has for pods, beside what runs on every node: {have}",
            )


def _sum(cell: ZoneModel, pool: str) -> str:
    """What a zone has to hold on a pool."""
    own = [app for app in cell.apps if pool in app.pod.pools]
    pods = [
        f"{app.pods_in_fullest_zone(cell.zones)} {app.pod.name} of {app.pod.requests}"
        for app in own
    ]
    headroom = [
        f"{cell.headroom[app.pod.name]} {app.pod.name}"
        for app in own
        if app.pod.name in cell.headroom
    ]
    headroom += ["the system"] if SYSTEM in cell.headroom else []
    held = f", and room for {', '.join(headroom)}" if headroom else ""
    return f"a zone holds {', '.join(pods)}{held}, at {cell.pools[pool].free} a node"


RULES = (_by_hand, _buffers, _fits)
