"""The resources that a remedy updates, as targets of `pulumi up`.

An `up` without targets also updates Deployments that are not ready, and waits for their pods.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.recording import Recording

REMEDY_SECONDS = 60.0
"""Maximum duration of a remedy, until AWS and Kubernetes have the change."""

_SIZES = (
    "aws:eks/nodeGroup:NodeGroup",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:keda.sh/v1alpha1:ScaledObject",
    "kubernetes:policy/v1:PodDisruptionBudget",
)
"""Types of the resources whose sizes depend on the zones in service."""

_OVERPROVISIONER = "ha-eks:index:Overprovisioner$"
"""Part of the URN of the resources that reserve headroom."""


def zone_targets(
    recording: Recording, state: Sequence[Mapping[str, Any]]
) -> Iterator[str]:  # Any: JSON of any shape
    """Yields the URNs of the resources whose sizes depend on the zones in service.

    Resources of apps and pools that are in the stack file, but not in the state, are left out,
    because their dependencies do not exist.
    """
    existing = {str(each["urn"]): str(each["type"]) for each in state if not each.get("delete")}
    yield from (urn for urn, type_ in existing.items() if type_ in _SIZES)
    headroom = {urn for urn in existing if _OVERPROVISIONER in urn}
    headroom |= {each.urn for each in recording.resources if _OVERPROVISIONER in each.urn}
    yield from sorted(headroom)
