"""Cautions about ha-eks:headroom."""

from collections.abc import Iterator
from datetime import date

from core.availability.zone_loss import auto_room
from settings.availability import cell_of
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _room_by_hand(settings: Settings, today: date) -> Iterator[Caution]:
    network = settings.network
    if len(network.zones_in) < 2:
        return
    share = auto_room(cell_of(settings).apps, network.effective_zones)
    for name, pods in settings.headroom.pods.items():
        if pods < share[name]:
            yield Caution(
                key=f"{NAMESPACE}:headroom.pods.{name}",
                text=f"a lost zone's pods of {name} are {share[name]} for each of the others: some "
                "would wait for new nodes",
            )


CAUTIONS = (_room_by_hand,)
