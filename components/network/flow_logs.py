"""VPC flow logs in CloudWatch Logs."""

import pulumi
import pulumi_aws as aws
from pulumi_aws import ec2

from components.log_groups import log_group
from components.network.vpc import VpcBuilder
from core.iam import allow, policy, trust
from settings.network.network import FlowLogs


def flow_log(builder: VpcBuilder, logs: FlowLogs, cell: str, key_arn: pulumi.Input[str]) -> None:
    """Creates the flow log of the VPC, its log group, and a role that can write to it only.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    if logs.traffic == "none":
        return
    full_name = f"{builder.name}-flow-logs"
    group = log_group(
        full_name, f"/aws/vpc/{cell}/flow-logs", logs.retention_days, key_arn, builder.parent
    )
    role = aws.iam.Role(
        full_name,
        aws.iam.RoleArgs(
            assume_role_policy=pulumi.Output.json_dumps(trust("vpc-flow-logs.amazonaws.com"))
        ),
        opts=builder.child(),
    )
    role_policy = aws.iam.RolePolicy(
        full_name,
        aws.iam.RolePolicyArgs(
            role=role.name,
            policy=pulumi.Output.json_dumps(
                policy(
                    allow(
                        [
                            "logs:CreateLogStream",
                            "logs:DescribeLogGroups",
                            "logs:DescribeLogStreams",
                            "logs:PutLogEvents",
                        ],
                        [group.arn, pulumi.Output.format("{0}:*", group.arn)],
                    )
                )
            ),
        ),
        opts=builder.child(),
    )
    ec2.FlowLog(
        full_name,
        ec2.FlowLogArgs(
            vpc_id=builder.vpc_id,
            traffic_type=logs.traffic,
            max_aggregation_interval=logs.aggregation_seconds,
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags={"Name": full_name},
        ),
        opts=builder.child(role_policy),
    )
