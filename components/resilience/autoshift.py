"""Zonal autoshift and practice runs of the cluster and the load balancers.

https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-autoshift.html
"""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import arczonalshift

from settings.resilience.autoshift import Autoshift, Practiced

_MAX_ALARMS = 10
"""Outcome alarms, and blocking alarms, of a practice run.
https://docs.aws.amazon.com/arc-zonal-shift/latest/api/API_PracticeRunConfiguration.html"""

_NAMES: Mapping[Practiced, str] = {
    "cluster": "cluster",
    "loadBalancer": "lb",
    "internalLoadBalancer": "ilb",
}
"""End of the logical name of each configuration."""


def autoshift(
    name: str,
    settings: Autoshift,
    resource_arns: Mapping[Practiced, pulumi.Input[str]],
    *,
    stop_alarm_arns: Sequence[pulumi.Input[str]],
    harm_alarm_arns: Sequence[pulumi.Input[str]],
    parent: pulumi.Resource,
) -> None:
    """Creates the autoshift and practice run configuration of each resource.

    An outcome alarm in alarm ends a practice run as failed. A blocking alarm in alarm keeps a
    practice run from starting, and interrupts one, so that a lost zone must not set it off.
    """
    for resource, arn in resource_arns.items():
        arczonalshift.ZonalAutoshiftConfiguration(
            f"{name}-autoshift-{_NAMES[resource]}",
            arczonalshift.ZonalAutoshiftConfigurationArgs(
                resource_arn=arn,
                zonal_autoshift_status="DISABLED" if settings.practice_only else "ENABLED",
                allowed_windows=list(settings.practice_windows.of(resource)),
                blocked_dates=list(settings.blocked_dates) or None,
                outcome_alarms=[
                    arczonalshift.ZonalAutoshiftConfigurationOutcomeAlarmArgs(
                        alarm_identifier=each, type="CLOUDWATCH"
                    )
                    for each in harm_alarm_arns[:_MAX_ALARMS]
                ],
                blocking_alarms=[
                    arczonalshift.ZonalAutoshiftConfigurationBlockingAlarmArgs(
                        alarm_identifier=each, type="CLOUDWATCH"
                    )
                    for each in stop_alarm_arns[:_MAX_ALARMS]
                ],
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )
