"""Cautions about ha-eks:cluster."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.facts.versions.kubernetes import KUBERNETES
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings

_NOTICE = timedelta(days=60)
"""Time before the end of standard support of a Kubernetes version from which there is a caution."""


def _end_of_support(settings: Settings, today: date) -> Iterator[Caution]:
    version = settings.cluster.version
    end = KUBERNETES[version]
    if today + _NOTICE >= end:
        yield Caution(
            key=f"{NAMESPACE}:cluster.version",
            text=f"standard support of Kubernetes {version} ends on {end}, and EKS then upgrades "
            "the control plane automatically; upgrade before that date (docs/upgrade.md)",
        )


CAUTIONS = (_end_of_support,)
