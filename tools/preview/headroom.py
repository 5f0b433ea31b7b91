"""What preview says of headroom: what is held, what that takes, what it costs and buys."""

from collections.abc import Mapping

from core.availability.headroom import HeadroomEffect, explained, headroom_effect
from core.facts.prices import REGION, on_demand
from settings import Settings
from settings.availability import zone_model_of


def headroom_lines(settings: Settings) -> list[str]:
    """What headroom is, and what it costs beside what it buys."""
    cell, network = zone_model_of(settings), settings.network
    if len(network.zones_in) < 2:
        return [f"headroom: all in {', '.join(network.zones_in)}, the only zone that is in"]
    lines = [f"headroom: {explained(cell)}"]
    if cell.headroom:
        lines.append(f"headroom takes {_taken(settings, headroom_effect(cell))}")
    return lines


def _taken(settings: Settings, of: HeadroomEffect) -> str:
    nodes = [
        f"{count} × {' or '.join(settings.pools[pool].instance_types)}"
        for pool, count in of.nodes.items()
    ]
    buys = (
        f"of a lost zone's pods {of.pending_without or 'none'} would wait for new nodes without it"
    )
    if of.pending_with:
        buys += f", and {of.pending_with} do with it"
    if not nodes:
        return f"no node beyond those that are there anyway; {buys}"
    return f"{' and '.join(nodes)}{_price(settings, of.nodes)}; {buys}"


def _price(settings: Settings, nodes: Mapping[str, int]) -> str:
    """List price of nodes on demand, by the dearest of each pool's types; spot costs less."""
    total = 0.0
    for pool, count in nodes.items():
        known = [on_demand(each) for each in settings.pools[pool].instance_types]
        if None in known:
            return ""
        total += count * max(price for price in known if price is not None)
    return f", {total:.2f} $ an hour on demand in {REGION}"
