"""Cautions about ha-eks:cluster."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.facts.versions import KUBERNETES
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings

_NOTICE = timedelta(days=60)
"""How long before the end of its support people are told of a Kubernetes version."""


def _support_ends(settings: Settings, today: date) -> Iterator[Caution]:
    version = settings.cluster.version
    end = KUBERNETES[version]
    if today + _NOTICE >= end:
        yield Caution(
            key=f"{NAMESPACE}:cluster.version",
            text=f"standard support of {version} ends on {end}; EKS then upgrades the control "
            "plane by itself, at a time of its own: upgrade before (docs/upgrade.md)",
        )


CAUTIONS = (_support_ends,)
