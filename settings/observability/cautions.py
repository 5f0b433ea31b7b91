"""Cautions about ha-eks:observability."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _no_subscriber(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.traffic and not settings.observability.alarms.subscriptions:
        yield Caution(
            key=f"{NAMESPACE}:observability.alarms.subscriptions",
            text="the cell serves a domain, but impact alarms and redundancy alarms have no "
            "subscriber; write a subscription (docs/alarms.md)",
        )


CAUTIONS = (
    CautionRule("HA935", "Alarms of a cell with a domain have a subscriber.", _no_subscriber),
)
