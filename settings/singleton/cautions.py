"""Cautions about ha-eks:singletons: one pod is unavailable while it is replaced."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import Settings


def _one_pod(settings: Settings, today: date) -> Iterator[Caution]:
    for name, singleton in settings.singletons.items():
        if singleton.volume:
            yield Caution(
                key=settings.key_of(name, "volume"),
                text="the pod runs in one zone, and is unavailable while its node is drained, "
                "during a rollout, and while its zone has failed (docs/stateful.md)",
            )
        elif singleton.expose:
            yield Caution(
                key=settings.key_of(name, "expose"),
                text="the one pod is unavailable while its node is drained, during a rollout, and "
                "while it is replaced after its node or zone has failed; write an app to serve "
                "without gaps",
            )


CAUTIONS = (CautionRule("HA922", "A workload with clients or data has several pods.", _one_pod),)
