"""Constraints of CloudWatch, SNS and KMS on alarms and their notifications.

Alarms: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
and API_PutMetricAlarm.html in the same folder.
"""

import re
from collections.abc import Iterator
from typing import cast

from tools.rehearsal.constraints.policy_documents import statements_of
from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.references import Values

_METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_TOPIC = "aws:sns/topic:Topic"
_TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
_KEY = "aws:kms/key:Key"
_METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

_NAME_INPUTS = {_METRIC_ALARM: "name", _COMPOSITE_ALARM: "alarmName"}
"""Input with the name of the alarm, by type."""

_CLOUDWATCH = "cloudwatch.amazonaws.com"


def _alarm_names(cloud: FakeCloud, region: str | None) -> Iterator[str]:
    """Yields the names of the alarms in a region."""
    for each in cloud.of_type(*_NAME_INPUTS):
        if each.inputs.get("region") == region:
            yield each.inputs[_NAME_INPUTS[each.type]]


def _unique_name(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """CloudWatch overwrites an alarm with the same name, also one of the other type."""
    if verb != "create" or type_ not in _NAME_INPUTS:
        return
    name = inputs[_NAME_INPUTS[type_]]
    if name in _alarm_names(cloud, inputs.get("region")):
        raise RefusedError("ValidationError", f"an alarm with the name {name} already exists")


def _composite_alarm(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A composite alarm refers to existing alarms of its region."""
    if verb == "delete" or type_ != _COMPOSITE_ALARM:
        return
    existing = {*_alarm_names(cloud, inputs.get("region"))}
    for name in re.findall(r'ALARM\("([^"]+)"\)', inputs["alarmRule"]):
        if name not in existing:
            raise RefusedError("ValidationError", f"alarm {name} does not exist")


def _notification(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """An alarm can publish to topics of its region whose policy and key allow CloudWatch.

    AWS accepts other alarms, but shows the failed notification only in the history of the alarm.
    """
    if verb == "delete" or type_ not in _NAME_INPUTS:
        return
    topics = {
        str(arn)
        for key in ("alarmActions", "okActions")
        for arn in cast("list[str]", inputs.get(key) or [])
    }
    for arn in sorted(topics):
        region = inputs.get("region")
        if region and arn.split(":")[3] != region:
            raise RefusedError("ValidationError", f"topic {arn} is not in region {region}")
        for topic in cloud.of_type(_TOPIC):
            if topic.outputs["arn"] == arn:
                _check_topic(cloud, topic)


def _check_topic(cloud: FakeCloud, topic: CloudResource) -> None:
    arn = topic.outputs["arn"]
    policies = [each for each in cloud.of_type(_TOPIC_POLICY) if each.inputs["arn"] == arn]
    if not any(_allows_cloudwatch(each, "sns:Publish") for each in policies):
        raise RefusedError(
            "AuthorizationError", f"no topic policy allows CloudWatch to publish to {arn}"
        )
    for key in cloud.of_type(_KEY):
        if key.outputs["arn"] != topic.inputs.get("kmsMasterKeyId"):
            continue
        if not _allows_cloudwatch(key, "kms:Decrypt", "kms:GenerateDataKey*"):
            raise RefusedError(
                "KMSAccessDenied",
                f"the key policy does not allow CloudWatch to use the key of {arn}",
            )
        return
    raise RefusedError("KMSAccessDenied", f"{arn} has no customer managed key")


def _allows_cloudwatch(resource: CloudResource, *actions: str) -> bool:
    """True if the policy of a resource allows CloudWatch some actions."""
    return any(
        statement["Effect"] == "Allow"
        and isinstance(statement["Principal"], dict)
        and cast("Values", statement["Principal"]).get("Service") == _CLOUDWATCH
        and {*actions} <= {*statement["Action"]}
        for statement in statements_of(resource.inputs.get("policy", "{}"))
    )


def _metric_filter(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != _METRIC_FILTER:
        return
    groups = {each.inputs["name"] for each in cloud.of_type("aws:cloudwatch/logGroup:LogGroup")}
    if inputs["logGroupName"] not in groups:
        raise RefusedError(
            "ResourceNotFoundException", f"log group {inputs['logGroupName']} does not exist"
        )


CONSTRAINTS: tuple[Constraint, ...] = (
    _unique_name, _composite_alarm, _notification, _metric_filter,
)  # fmt: skip
