"""Formats the headroom of a stack for preview: reserved capacity, nodes, price and effect."""

from collections.abc import Iterator, Mapping

from core.availability.headroom import (
    AppHeadroom,
    HeadroomEffect,
    ReservedHeadroom,
    headroom_effect,
    reserved_headroom,
)
from core.availability.zone_loss import ZoneModel
from core.facts.prices import REGION
from core.facts.prices.instances import most_expensive
from settings import Settings
from settings.availability import zone_model_of
from settings.reading.wording import counted, listed
from tools.preview.cost import dollars

_OTHER_ZONES = {2: "the other zone", 3: "the other two", 4: "the other three"}


def headroom_lines(settings: Settings) -> list[str]:
    """Returns a line on the reserved capacity and, if any is reserved, a line on its nodes and
    effect."""
    model, network = zone_model_of(settings), settings.network
    if model.zones < 2:
        return [f"headroom: no failover: {network.zones_in[0]} is the only zone in service"]
    if not model.headroom:
        return [
            "headroom: none: if a zone fails, its pods wait for new nodes when the existing nodes "
            "are full"
        ]
    effect = headroom_effect(model)
    return [
        f"headroom per zone: {_reserved(reserved_headroom(model))}; {_failover(model, effect)}",
        f"headroom adds {_added(settings, effect)}; without headroom, {_without(effect)}",
    ]


def _reserved(headroom: ReservedHeadroom) -> str:
    return listed([*map(_reserved_for, headroom.apps), *_reserved_for_system(headroom)])


def _reserved_for(app: AppHeadroom) -> str:
    required = "" if app.reserved == app.required else f" ({app.required} required)"
    return f"{counted(app.reserved, f'{app.app} pod')}{required}"


def _reserved_for_system(headroom: ReservedHeadroom) -> Iterator[str]:
    if headroom.system:
        requests = headroom.system.requests
        yield f"{requests.cpu}m CPU / {requests.memory}Mi for system pods"


def _failover(model: ZoneModel, effect: HeadroomEffect) -> str:
    """Returns the effect of headroom on the pods of a failed zone."""
    failure = f"if one of {model.zones} zones fails"
    if effect.pending_with_headroom:
        wait = "waits" if effect.pending_with_headroom == 1 else "wait"
        return f"{failure}, {counted(effect.pending_with_headroom, 'pod')} {wait} for new nodes"
    headroom = reserved_headroom(model)
    pods = [f"{app.in_fullest_zone} {app.app}" for app in headroom.apps]
    pods += [f"{headroom.system.in_fullest_zone} system"] if headroom.system else []
    others = _OTHER_ZONES.get(model.zones, f"the other {model.zones - 1}")
    return f"{failure}, its {listed(pods)} pods fit into {others}"


def _added(settings: Settings, effect: HeadroomEffect) -> str:
    nodes = [
        f"{count} × {' or '.join(settings.pools[pool].instance_types)}"
        for pool, count in effect.extra_nodes.items()
    ]
    return f"{listed(nodes)}{_price(settings, effect.extra_nodes)}" if nodes else "no nodes"


def _without(effect: HeadroomEffect) -> str:
    waiting = (
        counted(effect.pending_without_headroom, "pod")
        if effect.pending_without_headroom
        else "no pods"
    )
    return f"{waiting} of a failed zone would wait for new nodes"


def _price(settings: Settings, nodes: Mapping[str, int]) -> str:
    """Returns the list price of on-demand nodes, by the most expensive type of each pool; empty if
    the price of a type is unknown. Spot nodes cost less."""
    total = 0.0
    for pool, count in nodes.items():
        price = most_expensive(settings.pools[pool].instance_types)
        if price is None:
            return ""
        total += count * price
    return f" ({dollars(total)} an hour on demand in {REGION})"
