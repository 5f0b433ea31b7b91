"""Cautions about ha-eks:autoscaling."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _no_descheduler(settings: Settings, today: date) -> Iterator[Caution]:
    if settings.autoscaling.descheduler or len(settings.network.zones_in) < 2:
        return
    yield Caution(
        key=f"{NAMESPACE}:autoscaling.descheduler",
        text="after a burst, a rollout or the return of a zone, pods can stay spread unevenly "
        "until the next rollout, and the failure of the fullest zone can then leave fewer than "
        "replicas.needed pods; write true",
    )


CAUTIONS = (
    CautionRule("HA904", "A descheduler spreads pods over the zones again.", _no_descheduler),
)
