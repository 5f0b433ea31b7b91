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


def _private_endpoint(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution if Pulumi can reach the Kubernetes API only from inside of the VPC."""
    if settings.cluster.public_access_cidrs:
        return
    if settings.network.existing:
        text = (
            "without it, the Kubernetes API has a private endpoint only: run Pulumi and kubectl in "
            "the VPC, or in a network that is connected to it (docs/access.md)"
        )
    else:
        text = (
            "without it, the Kubernetes API has a private endpoint only, in a VPC that this stack "
            "creates: the first up cannot reach it from outside, and fails at the first Kubernetes "
            "object; set it for the first up, or use network.existing (docs/access.md)"
        )
    yield Caution(key=f"{NAMESPACE}:cluster.publicAccessCidrs", text=text)


CAUTIONS = (_end_of_support, _private_endpoint)
