"""All rules over Kubernetes objects."""

from collections.abc import Sequence

from tools.rules.kubernetes import (
    applications,
    autoscaling,
    disruptions,
    headroom,
    health,
    placement,
    references,
    resources,
    termination,
    volumes,
    webhooks,
)
from tools.rules.objects import Objects
from tools.rules.rule import Rule

KUBERNETES_RULES: Sequence[Rule[Objects]] = tuple(
    sorted(
        (
            *applications.RULES,
            *references.RULES,
            *health.RULES,
            *termination.RULES,
            *autoscaling.RULES,
            *resources.RULES,
            *placement.RULES,
            *volumes.RULES,
            *disruptions.RULES,
            *webhooks.RULES,
            *headroom.RULES,
        ),
        key=lambda rule: rule.id,
    )
)
"""All rules over Kubernetes objects, by id."""
