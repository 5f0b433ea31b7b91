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
            text=f"all is in {network.zones_in[0]}, and nothing would be left if that were lost",
        )
    if network.zones_out:
        return
    out = network.model_copy(update={"zones_out": network.zones[-1:]})
    without = settings.model_copy(update={"network": out})
    for rule in (*scaling.RULES, *autoscaling.RULES, *headroom.RULES):
        for problem in rule(without):
            yield Caution(key=key, text=f"could not take a zone as this file is: {problem}")


CAUTIONS = (_zones_out,)
