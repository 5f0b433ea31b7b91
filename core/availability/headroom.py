"""Headroom of a cell in figures: reserved capacity per zone, cost in nodes, and effect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.availability.failures import fail_zone
from core.availability.replicas import headroom_per_zone
from core.availability.resources import Resources
from core.availability.zone_loss import (
    SYSTEM,
    ZoneModel,
    nodes_at_rest,
    system_headroom,
)


@dataclass(frozen=True, kw_only=True)
class AppHeadroom:
    """Headroom of an app."""

    app: str
    """Name of the app."""
    reserved: int
    """Pods for which each zone reserves capacity, 1 or more."""
    required: int
    """Pods for which each zone must reserve capacity so that the pods of a failed zone fit."""
    in_fullest_zone: int
    """Pods of the app in its fullest zone, which the failure of that zone removes."""


@dataclass(frozen=True, kw_only=True)
class SystemHeadroom:
    """Headroom of the system pods."""

    requests: Resources
    """CPU and memory that each zone reserves."""
    in_fullest_zone: int
    """System pods in their fullest zones, which the failure of a zone removes."""


@dataclass(frozen=True, kw_only=True)
class ReservedHeadroom:
    """Capacity that each zone of a cell reserves."""

    apps: Sequence[AppHeadroom]
    """Apps with headroom, in the order of the stack file."""
    system: SystemHeadroom | None
    """Headroom of the system pods; None: no headroom for them."""


@dataclass(frozen=True, kw_only=True)
class HeadroomEffect:
    """Cost of the headroom of a cell in nodes, and its effect if a zone fails."""

    extra_nodes: Mapping[str, int]
    """Nodes that only headroom requires, in all zones together, by pool; pools without such
    nodes are left out."""
    pending_without_headroom: int
    """Pods of a failed zone that would wait for new nodes without headroom."""
    pending_with_headroom: int
    """Pods of a failed zone that wait for new nodes in spite of headroom."""


def reserved_headroom(model: ZoneModel) -> ReservedHeadroom:
    """Returns the headroom of each zone of a cell with 2 or more zones."""
    apps = [
        AppHeadroom(
            app=app.pod.name,
            reserved=reserved,
            required=headroom_per_zone(app.pods, model.zones),
            in_fullest_zone=app.pods_in_fullest_zone(model.zones),
        )
        for app in model.apps
        if (reserved := model.headroom.get(app.pod.name, 0))
    ]
    system = SystemHeadroom(
        requests=system_headroom(model.system, model.zones),
        in_fullest_zone=sum(each.pods_in_fullest_zone(model.zones) for each in model.system),
    )
    return ReservedHeadroom(apps=apps, system=system if model.headroom.get(SYSTEM) else None)


def headroom_effect(model: ZoneModel) -> HeadroomEffect:
    """Compares a cell of 2 or more zones with the same cell without headroom."""
    bare = replace(model, headroom={})
    with_headroom, without = nodes_at_rest(model), nodes_at_rest(bare)
    extra = {pool: (count - without[pool]) * model.zones for pool, count in with_headroom.items()}
    return HeadroomEffect(
        extra_nodes={pool: count for pool, count in extra.items() if count},
        pending_without_headroom=len(fail_zone(bare).waiting),
        pending_with_headroom=len(fail_zone(model).waiting),
    )
