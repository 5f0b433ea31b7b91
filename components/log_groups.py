"""CloudWatch log groups with a retention period, and the KMS key that encrypts them."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.cell_context import CellContext
from core.iam import log_key_policy


@dataclass(frozen=True, kw_only=True)
class LogKeyArgs:
    """Arguments of LogKey."""

    context: CellContext
    """Name, region and account of the cell."""


class LogKey(pulumi.ComponentResource):
    """Creates the KMS key that encrypts every log group of the cell."""

    key_arn: pulumi.Output[str]
    """ARN of the key."""

    def __init__(
        self, name: str, args: LogKeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:LogKey", name, None, opts)
        context = args.context
        key = aws.kms.Key(
            name,
            aws.kms.KeyArgs(
                description=f"Logs of {context.cell}",
                enable_key_rotation=True,
                policy=pulumi.Output.json_dumps(log_key_policy(context.account, context.region)),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.kms.Alias(
            name,
            aws.kms.AliasArgs(name=f"alias/eks/{context.cell}/logs", target_key_id=key.key_id),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.key_arn = key.arn
        self.register_outputs({"key_arn": self.key_arn})


def log_group(
    name: str, path: str, days: int, key_arn: pulumi.Input[str], parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """Creates the log group `path` with a retention of `days`, as a child of a component."""
    return aws.cloudwatch.LogGroup(
        name,
        aws.cloudwatch.LogGroupArgs(name=path, retention_in_days=days, kms_key_id=key_arn),
        opts=pulumi.ResourceOptions(parent=parent),
    )
