"""Cautions about ha-eks:headroom."""

from collections.abc import Iterator
from datetime import date

from core.availability.zone_loss import auto_headroom
from settings.availability import zone_model_of
from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.reading.wording import counted
from settings.stack import NAMESPACE, Settings


def _too_little_headroom(settings: Settings, today: date) -> Iterator[Caution]:
    network = settings.network
    if len(network.zones_in) < 2:
        return
    automatic = auto_headroom(zone_model_of(settings).apps, network.effective_zones)
    for name, pods in settings.headroom.pods.items():
        if pods < automatic[name]:
            needed = counted(automatic[name], f"{name} pod")
            yield Caution(
                key=f"{NAMESPACE}:headroom.pods.{name}",
                text=f"if a zone fails, each other zone needs capacity for {needed}, but has "
                f"headroom for {pods}, so that pods stay pending until new nodes are ready; write "
                f"{automatic[name]} or more",
            )


def _no_headroom(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.headroom.size == "none":
        yield Caution(
            key=f"{NAMESPACE}:headroom.size",
            text="if a zone fails, the pods that already run in the other zones carry the load, "
            "but the pods of the failed zone stay pending until new nodes are ready, and no node "
            "may be available while all customers of the zone replace theirs; write auto to "
            "reserve capacity",
        )


CAUTIONS = (
    CautionRule("HA909", "Headroom suffices for the pods of a failed zone.", _too_little_headroom),
    CautionRule("HA910", "The cell reserves headroom.", _no_headroom),
)
