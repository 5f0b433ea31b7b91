"""Cautions about ha-eks:network."""

from collections.abc import Iterator
from datetime import date

from settings.app import scaling_rules as scaling
from settings.autoscaling import rules as autoscaling
from settings.headroom import rules as headroom
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _zones_out(settings: Settings, today: date) -> Iterator[Caution]:
    network, key = settings.network, f"{NAMESPACE}:network.zonesOut"
    if len(network.zones_in) == 1:
        yield Caution(
            key=key,
            text=f"all pods run in {network.zones_in[0]}, and the cell is unavailable if this zone "
            "fails; remove a zone from zonesOut as soon as the zone is available",
        )
    if network.zones_out:
        return
    last = network.zones[-1]
    without_last = settings.model_copy(
        update={"network": network.model_copy(update={"zones_out": (last,)})}
    )
    for rule in (*scaling.RULES, *autoscaling.RULES, *headroom.RULES):
        for problem in rule(without_last):
            yield Caution(
                key=key,
                text=f"if {last} fails for a long time, zonesOut: [{last}] will be refused with: "
                f"{problem}",
            )


CAUTIONS = (_zones_out,)
