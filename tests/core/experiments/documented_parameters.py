"""Parameters of the actions of FIS and of its SSM documents, as AWS documents them.

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
https://docs.aws.amazon.com/fis/latest/userguide/actions-ssm-agent.html
Read on 2026-11-29.
"""

from collections.abc import Mapping
from typing import NamedTuple

from core.facts import fis_actions as fis


class Parameters(NamedTuple):
    """Parameters of an action."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


PARAMETERS: Mapping[str, Parameters] = {
    fis.SEND_COMMAND: Parameters(
        frozenset({"documentArn", "duration"}),
        frozenset({"documentParameters", "documentVersion"}),
    ),
    fis.STOP_INSTANCES: Parameters(
        frozenset(), frozenset({"startInstancesAfterDuration", "completeIfInstancesTerminated"})
    ),
    fis.REFUSE_LAUNCHES: Parameters(
        frozenset({"duration", "availabilityZoneIdentifiers"}), frozenset({"percentage"})
    ),
    fis.INTERRUPT_SPOT: Parameters(frozenset({"durationBeforeInterruption"})),
    fis.DISRUPT_SUBNETS: Parameters(
        frozenset({"scope", "duration"}), frozenset({"prefixListIdentifier"})
    ),
    fis.DISRUPT_REGION: Parameters(frozenset({"region", "duration"})),
    fis.SHIFT_ZONE: Parameters(
        frozenset({"duration", "availabilityZoneIdentifier"}),
        frozenset({"managedResourceTypes", "zonalAutoshiftStatus"}),
    ),
    fis.TERMINATE_NODES: Parameters(frozenset({"instanceTerminationPercentage"})),
    fis.DELETE_PODS: Parameters(
        frozenset({"kubernetesServiceAccount"}),
        frozenset(
            {
                "gracePeriodSeconds", "fisPodContainerImage", "maxErrorsPercent", "fisPodLabels",
                "fisPodAnnotations", "fisPodSecurityPolicy",
            }
        ),
    ),
    fis.WAIT: Parameters(frozenset({"duration"})),
}  # fmt: skip
"""Parameters by id of the action."""

_NETWORK = frozenset(
    {"Interface", "FlowsPercent", "TrafficType", "InstallDependencies", "DurationSeconds"}
)

DOCUMENTS: Mapping[str, frozenset[str]] = {
    fis.CPU_STRESS: frozenset({"DurationSeconds", "CPU", "LoadPercent", "InstallDependencies"}),
    fis.LATENCY: _NETWORK | {"DelayMilliseconds", "JitterMilliseconds", "Sources"},
    fis.PACKET_LOSS: _NETWORK | {"LossPercent", "Sources"},
}
"""Parameters of the SSM documents, by name."""
