"""Cautions about ha-eks:headroom."""

from collections.abc import Iterator
from datetime import date

from core.availability.zone_loss import auto_headroom
from settings.availability import zone_model_of
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _small_headroom(settings: Settings, today: date) -> Iterator[Caution]:
    network = settings.network
    if len(network.zones_in) < 2:
        return
    share = auto_headroom(zone_model_of(settings).apps, network.effective_zones)
    for name, pods in settings.headroom.pods.items():
        if pods < share[name]:
            yield Caution(
                key=f"{NAMESPACE}:headroom.pods.{name}",
                text=f"a lost zone's pods of {name} are {share[name]} for each of the others: some "
                "would wait for new nodes",
            )


CAUTIONS = (_small_headroom,)
