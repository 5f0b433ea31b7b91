"""Where alarms are told: a topic in each region that has some, and who listens to it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from core.iam import alarm_key_policy, alarm_topic_policy
from settings.observability.observability import Subscription

_SHOWN = 100
"""Characters of a topic's name for people, at most.
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic of alarms."""

    arn: pulumi.Output[str]
    """Its ARN."""
    ready: pulumi.Resource
    """What lets alarms publish to it."""


def topic(
    name: str,
    cell: str,
    region: str,
    subscriptions: Sequence[Subscription],
    parent: pulumi.Resource,
) -> Topic:
    """A topic in a region, under a key of its own: AWS's own key for SNS lets no alarm use it.

    `name` begins with that of the component and is another one in each region.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    account = aws.get_caller_identity(opts=pulumi.InvokeOptions(parent=parent)).account_id
    child = pulumi.ResourceOptions(parent=parent)
    key = aws.kms.Key(
        name,
        aws.kms.KeyArgs(
            description=f"Alarms of {cell}",
            enable_key_rotation=True,
            policy=pulumi.Output.json_dumps(alarm_key_policy(account, region)),
            region=region,
        ),
        opts=child,
    )
    aws.kms.Alias(
        name,
        aws.kms.AliasArgs(name=f"alias/eks/{cell}/{name}", target_key_id=key.key_id, region=region),
        opts=child,
    )
    made = aws.sns.Topic(
        name,
        aws.sns.TopicArgs(
            display_name=f"Alarms of {cell}"[:_SHOWN], kms_master_key_id=key.arn, region=region
        ),
        opts=child,
    )
    allowed = aws.sns.TopicPolicy(
        name,
        aws.sns.TopicPolicyArgs(
            arn=made.arn,
            policy=pulumi.Output.json_dumps(alarm_topic_policy(account, region, made.arn)),
            region=region,
        ),
        opts=child,
    )
    for each in subscriptions:
        aws.sns.TopicSubscription(
            f"{name}-{each.protocol}-{_digest(each.endpoint)}",
            aws.sns.TopicSubscriptionArgs(
                topic=made.arn, protocol=each.protocol, endpoint=each.endpoint, region=region
            ),
            opts=child,
        )
    return Topic(arn=made.arn, ready=allowed)


def _digest(endpoint: str) -> str:
    """Tells endpoints apart by something that does not show them, wherever they stand."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:8]
