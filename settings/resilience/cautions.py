"""Cautions about ha-eks:resilience."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings


def _shifted_singletons(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution for each singleton that receives requests: a shift of its zone stops them.

    EKS removes the endpoints of the zone from all Services, and the load balancer its targets.
    https://docs.aws.amazon.com/eks/latest/userguide/zone-shift.html
    """
    if settings.resilience.autoshift is None:
        return
    for name in settings.singletons:
        if name in settings.served:
            yield Caution(
                key=f"{NAMESPACE}:resilience.autoshift",
                text=f"singleton {name} receives no requests for 30 minutes if a practice run "
                "shifts its zone; write practiceWindows in which this does not matter, or more "
                "pods as an app",
            )


CAUTIONS = (
    CautionRule(
        "HA959",
        "Practice runs leave each workload that receives requests with a pod.",
        _shifted_singletons,
    ),
)
