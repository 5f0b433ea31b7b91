"""Cautions about ha-eks:observability."""

from collections.abc import Iterator
from datetime import date

from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _nobody_told(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.traffic and not settings.observability.alarms.subscriptions:
        yield Caution(
            key=f"{NAMESPACE}:observability.alarms.subscriptions",
            text="the cell serves a domain, and nobody is told when its users are hurt or its "
            "reserve is gone (docs/alarms.md)",
        )


CAUTIONS = (_nobody_told,)
