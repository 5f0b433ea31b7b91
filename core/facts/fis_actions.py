"""Actions of AWS Fault Injection Service (FIS) that the experiments of a cell use, and quotas.

Read on 2026-11-29:
- actions and resource types:
  https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
- SSM documents: https://docs.aws.amazon.com/fis/latest/userguide/actions-ssm-agent.html
- quotas: https://docs.aws.amazon.com/fis/latest/userguide/fis-quotas.html. The figures were read on
  third-party pages that list the answers of the Service Quotas API.

`aws fis get-action --id ID` prints an action as it is today.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SEND_COMMAND = "aws:ssm:send-command"
STOP_INSTANCES = "aws:ec2:stop-instances"
REFUSE_LAUNCHES = "aws:ec2:asg-insufficient-instance-capacity-error"
INTERRUPT_SPOT = "aws:ec2:send-spot-instance-interruptions"
DISRUPT_SUBNETS = "aws:network:disrupt-connectivity"
DISRUPT_REGION = "aws:network:route-table-disrupt-cross-region-connectivity"
SHIFT_ZONE = "aws:arc:start-zonal-autoshift"
TERMINATE_NODES = "aws:eks:terminate-nodegroup-instances"
DELETE_PODS = "aws:eks:pod-delete"
WAIT = "aws:fis:wait"

MAX_STOP_CONDITIONS = 5
"""Stop conditions of an experiment template; not adjustable (L-872EC72B)."""

MAX_PARALLEL_ACTIONS = 10
"""Actions of an experiment that run at the same time; not adjustable (L-EB051440)."""


@dataclass(frozen=True, kw_only=True)
class FisAction:
    """An action as the reference describes it."""

    target: str = ""
    """Key of the target in an experiment template, such as Instances; empty: no target."""
    resource_type: str = ""
    """Type of the targets, such as aws:ec2:instance."""
    quota: int | None = None
    """Default maximum number of targets, of actions on nodes and node groups; AWS raises it on
    request."""
    quota_code: str = ""
    """Code of that quota."""


ACTIONS: Mapping[str, FisAction] = {
    SEND_COMMAND: FisAction(
        target="Instances",
        resource_type="aws:ec2:instance",
        quota=5,
        quota_code="L-D0A62255",
    ),
    STOP_INSTANCES: FisAction(
        target="Instances",
        resource_type="aws:ec2:instance",
        quota=5,
        quota_code="L-3F98B425",
    ),
    REFUSE_LAUNCHES: FisAction(
        target="AutoScalingGroups",
        resource_type="aws:ec2:autoscaling-group",
        quota=5,
        quota_code="L-97338E0D",
    ),
    INTERRUPT_SPOT: FisAction(
        target="SpotInstances",
        resource_type="aws:ec2:spot-instance",
        quota=5,
        quota_code="L-F3F4B54A",
    ),
    DISRUPT_SUBNETS: FisAction(target="Subnets", resource_type="aws:ec2:subnet"),
    DISRUPT_REGION: FisAction(target="Subnets", resource_type="aws:ec2:subnet"),
    SHIFT_ZONE: FisAction(
        target="ManagedResources", resource_type="aws:arc:zonal-shift-managed-resource"
    ),
    TERMINATE_NODES: FisAction(target="Nodegroups", resource_type="aws:eks:nodegroup"),
    DELETE_PODS: FisAction(target="Pods", resource_type="aws:eks:pod"),
    WAIT: FisAction(),
}
"""The actions, by id."""

CPU_STRESS = "AWSFIS-Run-CPU-Stress"
LATENCY = "AWSFIS-Run-Network-Latency-Sources"
PACKET_LOSS = "AWSFIS-Run-Network-Packet-Loss-Sources"
"""SSM documents that AWS supports on Amazon Linux 2023 and some other systems, but not on
Bottlerocket."""
