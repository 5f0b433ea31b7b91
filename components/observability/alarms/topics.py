"""SNS topics of the alarms, one per region with alarms, and their subscriptions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.cell_context import CellContext
from core.iam import alarm_key_policy, alarm_topic_policy
from settings.observability.observability import Subscription

_MAX_DISPLAY_NAME = 100
"""Maximum number of characters of the display name of a topic.
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic for alarms."""

    arn: pulumi.Output[str]
    """ARN of the topic."""
    ready: pulumi.Resource
    """Policy of the topic; alarms that publish to the topic depend on it."""


def topic(
    name: str,
    context: CellContext,
    region: str,
    subscriptions: Sequence[Subscription],
    parent: pulumi.Resource,
    *,
    events: bool,
) -> Topic:
    """Creates a topic with a customer managed key and its subscriptions.

    Alarms cannot publish to a topic that is encrypted with the AWS managed key of SNS. `name`
    starts with the name of the component and must differ between regions. `events` is true if rules
    of EventBridge publish to the topic.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    cell, account = context.cell, context.account
    child = pulumi.ResourceOptions(parent=parent)
    key = aws.kms.Key(
        name,
        aws.kms.KeyArgs(
            description=f"Alarms of {cell}",
            enable_key_rotation=True,
            policy=pulumi.Output.json_dumps(alarm_key_policy(account, region, events=events)),
            region=region,
        ),
        opts=child,
    )
    aws.kms.Alias(
        name,
        aws.kms.AliasArgs(name=f"alias/eks/{cell}/{name}", target_key_id=key.key_id, region=region),
        opts=child,
    )
    sns_topic = aws.sns.Topic(
        name,
        aws.sns.TopicArgs(
            display_name=f"Alarms of {cell}"[:_MAX_DISPLAY_NAME],
            kms_master_key_id=key.arn,
            region=region,
        ),
        opts=child,
    )
    topic_policy = aws.sns.TopicPolicy(
        name,
        aws.sns.TopicPolicyArgs(
            arn=sns_topic.arn,
            policy=pulumi.Output.json_dumps(
                alarm_topic_policy(account, region, sns_topic.arn, events=events)
            ),
            region=region,
        ),
        opts=child,
    )
    for subscription in subscriptions:
        aws.sns.TopicSubscription(
            f"{name}-{subscription.protocol}-{_digest(subscription.endpoint)}",
            aws.sns.TopicSubscriptionArgs(
                topic=sns_topic.arn,
                protocol=subscription.protocol,
                endpoint=subscription.endpoint,
                region=region,
            ),
            opts=child,
        )
    return Topic(arn=sns_topic.arn, ready=topic_policy)


def _digest(endpoint: str) -> str:
    """Returns a short hash, so that logical names contain no addresses of subscribers."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:8]
