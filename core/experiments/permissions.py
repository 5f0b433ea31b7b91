"""IAM statements of the role of an experiment: what its actions need, on resources of the cell.

The permissions of each action:
https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
The conditions are those of the managed policies AWSFaultInjectionSimulator*Access, narrowed down to
the cell. Actions on `*` have no resource-level permissions, or list and describe only.
Read on 2026-11-29.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from core.experiments.network_permissions import disrupt_region, disrupt_subnets
from core.experiments.scope import Scope
from core.facts import fis_actions as fis
from core.iam import Document, allow, policy
from core.tags import POOL


def statements(actions: Sequence[tuple[str, str | None]], scope: Scope) -> Sequence[Document]:
    """Returns the statements for actions: pairs of the id and the SSM document."""
    return [
        statement
        for id_, document in actions
        for statement in (_send_command(scope, document) if document else _ACTIONS[id_](scope))
    ]


def evidence(objects: object, dashboard: object) -> Sequence[Document]:
    """Returns the statements for the log and the report of an experiment.

    `objects` are the ARNs of the objects of the report. CloudWatch Logs itself adds the delivery of
    logs to the policy of its log groups.
    https://docs.aws.amazon.com/fis/latest/userguide/experiment-report-configuration.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
    """
    return [
        allow(
            [
                "logs:CreateLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:PutResourcePolicy",
            ]
        ),
        allow(["s3:GetObject", "s3:PutObject"], objects),
        allow(["cloudwatch:GetDashboard"], dashboard),
        allow(["cloudwatch:GetMetricWidgetImage"]),
    ]


def experiment_trust(account: str, region: str) -> Document:
    """Returns the trust policy of the role of an experiment: FIS, for experiments of the account.

    https://docs.aws.amazon.com/fis/latest/userguide/getting-started-iam-service-role.html
    """
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "fis.amazonaws.com"},
            "Action": ["sts:AssumeRole"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": f"arn:aws:fis:{region}:{account}:experiment/*"},
            },
        }
    )


def _none(scope: Scope) -> Iterator[Document]:
    yield from ()


def _send_command(scope: Scope, document: str) -> Iterator[Document]:
    yield allow(["ssm:SendCommand"], f"arn:aws:ssm:{scope.region}::document/{document}")
    yield allow(
        ["ssm:SendCommand"],
        scope.arns("instance"),
        {"StringEquals": scope.tagged("ssm:resourceTag/")},
    )
    yield allow(
        [
            "ec2:DescribeInstances",
            "ec2:DescribeSubnets",
            "ssm:CancelCommand",
            "ssm:ListCommands",
        ]
    )


def _stop_instances(scope: Scope) -> Iterator[Document]:
    in_zone = {**scope.tagged(), "ec2:AvailabilityZone": scope.zone}
    yield allow(
        ["ec2:StartInstances", "ec2:StopInstances"],
        scope.arns("instance"),
        {"StringEquals": in_zone},
    )
    # To start an instance, EC2 needs a grant on the key of its volumes.
    yield allow(
        ["kms:CreateGrant"],
        f"arn:aws:kms:{scope.region}:{scope.account}:key/*",
        {
            "StringEquals": {"kms:ViaService": f"ec2.{scope.region}.amazonaws.com"},
            "Bool": {"kms:GrantIsForAWSResource": "true"},
        },
    )
    yield allow(["ec2:DescribeInstances"])


def _refuse_launches(scope: Scope) -> Iterator[Document]:
    # https://docs.aws.amazon.com/fis/latest/userguide/security_iam_id-based-policy-examples.html
    yield allow(
        ["ec2:InjectApiError"],
        condition={
            "StringEquals": {"ec2:FisActionId": fis.REFUSE_LAUNCHES},
            "ForAllValues:ArnLike": {"ec2:FisTargetArns": scope.scaling_groups},
            "Null": {"ec2:FisTargetArns": "false"},
        },
    )
    yield allow(["autoscaling:DescribeAutoScalingGroups"])


def _shift_zone(scope: Scope) -> Iterator[Document]:
    # https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-shift.permissions.html
    yield allow(
        [
            "arc-zonal-shift:CancelZonalShift",
            "arc-zonal-shift:GetManagedResource",
            "arc-zonal-shift:StartZonalShift",
            "arc-zonal-shift:UpdateZonalShift",
        ],
        condition={"StringEquals": {"arc-zonal-shift:ResourceIdentifier": scope.shifted}},
    )
    yield allow(
        [
            "arc-zonal-shift:ListManagedResources",
            "autoscaling:DescribeTags",
            "tag:GetResources",
        ]
    )


def _terminate_nodes(scope: Scope) -> Iterator[Document]:
    nodes = scope.tagged(**{f"aws:ResourceTag/{POOL}": scope.pool})
    zone = {"ec2:AvailabilityZone": scope.pool_zone} if scope.pool_zone else {}
    yield allow(
        ["ec2:TerminateInstances"], scope.arns("instance"), {"StringEquals": {**nodes, **zone}}
    )
    yield allow(["eks:DescribeNodegroup"], scope.node_group)
    yield allow(["ec2:DescribeInstances", "tag:GetResources"])


def _interrupt_spot(scope: Scope) -> Iterator[Document]:
    yield allow(
        ["ec2:SendSpotInstanceInterruptions"],
        scope.arns("instance"),
        {"StringEquals": {**scope.tagged(), "ec2:AvailabilityZone": scope.zone}},
    )
    yield allow(["ec2:DescribeInstances"])


def _delete_pods(scope: Scope) -> Iterator[Document]:
    """Yields the permissions in AWS; those in Kubernetes come from an access entry."""
    yield allow(["eks:DescribeCluster"], scope.cluster)
    yield allow(["ec2:DescribeSubnets", "tag:GetResources"])


_ACTIONS: Mapping[str, Callable[[Scope], Iterator[Document]]] = {
    fis.STOP_INSTANCES: _stop_instances,
    fis.REFUSE_LAUNCHES: _refuse_launches,
    fis.DISRUPT_SUBNETS: disrupt_subnets,
    fis.DISRUPT_REGION: disrupt_region,
    fis.SHIFT_ZONE: _shift_zone,
    fis.TERMINATE_NODES: _terminate_nodes,
    fis.INTERRUPT_SPOT: _interrupt_spot,
    fis.DELETE_PODS: _delete_pods,
    fis.WAIT: _none,
}
"""Functions that yield the statements of an action, by its id."""
