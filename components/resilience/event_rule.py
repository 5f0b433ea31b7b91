"""A rule of EventBridge that publishes events to the topic of the alarms."""

import json
from collections.abc import Mapping

import pulumi
from pulumi_aws import cloudwatch


def publish_events(
    name: str,
    *,
    rule_name: str,
    description: str,
    pattern: pulumi.Input[str],
    paths: Mapping[str, str],
    text: str,
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates a rule that publishes events as text.

    `pattern` is the JSON of the events, and `paths` are the places of the words in angle brackets
    of `text` in an event.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    rule = cloudwatch.EventRule(
        name,
        cloudwatch.EventRuleArgs(name=rule_name, description=description, event_pattern=pattern),
        opts=opts,
    )
    cloudwatch.EventTarget(
        name,
        cloudwatch.EventTargetArgs(
            rule=rule.name,
            target_id="topic",
            arn=topic_arn,
            input_transformer=cloudwatch.EventTargetInputTransformerArgs(
                input_paths=paths, input_template=json.dumps(text)
            ),
        ),
        opts=opts,
    )
