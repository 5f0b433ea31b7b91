"""What CloudWatch, SNS and KMS refuse of alarms, or would keep to themselves.

Alarms: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
and API_PutMetricAlarm.html beside it.
"""

import json
import re
from collections.abc import Iterator
from typing import cast

from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource, Constraint, RefusedError, Values

_METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm"
_COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_TOPIC = "aws:sns/topic:Topic"
_POLICY = "aws:sns/topicPolicy:TopicPolicy"
_KEY = "aws:kms/key:Key"
_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

_NAMES = {_METRIC: "name", _COMPOSITE: "alarmName"}
"""Input that names an alarm."""

_CLOUDWATCH = "cloudwatch.amazonaws.com"


def _alarms(cloud: Cloud, region: str | None) -> Iterator[str]:
    """Names of the alarms of a region."""
    for each in cloud.of_type(*_NAMES):
        if each.inputs.get("region") == region:
            yield each.inputs[_NAMES[each.type]]


def _name_once(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """Whatever its kind: the later one would be written over the other."""
    if verb != "create" or type_ not in _NAMES:
        return
    name = inputs[_NAMES[type_]]
    if name in _alarms(cloud, inputs.get("region")):
        raise RefusedError("ValidationError", f"there is an alarm {name}")


def _of_alarms_that_are_there(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != _COMPOSITE:
        return
    there = {*_alarms(cloud, inputs.get("region"))}
    for name in re.findall(r'ALARM\("([^"]+)"\)', inputs["alarmRule"]):
        if name not in there:
            raise RefusedError("ValidationError", f"there is no alarm {name}")


def _heard(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """An alarm publishes in its own region, to a topic that lets it, under a key that lets it.

    What it may not publish is in its history, and nowhere else.
    """
    if verb == "delete" or type_ not in _NAMES:
        return
    told = {
        str(arn)
        for key in ("alarmActions", "okActions")
        for arn in cast("list[str]", inputs.get(key) or [])
    }
    for arn in sorted(told):
        region = inputs.get("region")
        if region and arn.split(":")[3] != region:
            raise RefusedError("ValidationError", f"{arn} is not in {region}")
        for topic in cloud.of_type(_TOPIC):
            if topic.outputs["arn"] == arn:
                _lets(cloud, topic)


def _lets(cloud: Cloud, topic: CloudResource) -> None:
    arn = topic.outputs["arn"]
    policies = [each for each in cloud.of_type(_POLICY) if each.inputs["arn"] == arn]
    if not any(_may(each, "sns:Publish") for each in policies):
        raise RefusedError("AuthorizationError", f"alarms may not publish to {arn}")
    for key in cloud.of_type(_KEY):
        if key.outputs["arn"] != topic.inputs.get("kmsMasterKeyId"):
            continue
        if not _may(key, "kms:Decrypt", "kms:GenerateDataKey*"):
            raise RefusedError("KMSAccessDenied", f"alarms may not use the key of {arn}")
        return
    raise RefusedError("KMSAccessDenied", f"{arn} is under no key that alarms may use")


def _may(thing: CloudResource, *actions: str) -> bool:
    """Whether a policy lets CloudWatch do something."""
    return any(
        each["Effect"] == "Allow"
        and isinstance(each["Principal"], dict)
        and cast("Values", each["Principal"]).get("Service") == _CLOUDWATCH
        and {*actions} <= {*each["Action"]}
        for each in cast("list[Values]", json.loads(thing.inputs.get("policy", "{}"))["Statement"])
    )


def _filters_of_a_group(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if verb == "delete" or type_ != _FILTER:
        return
    groups = {each.inputs["name"] for each in cloud.of_type("aws:cloudwatch/logGroup:LogGroup")}
    if inputs["logGroupName"] not in groups:
        raise RefusedError("ResourceNotFoundException", f"no log group {inputs['logGroupName']}")


CONSTRAINTS: tuple[Constraint, ...] = (
    _name_once,
    _of_alarms_that_are_there,
    _heard,
    _filters_of_a_group,
)
"""Those of watching."""
