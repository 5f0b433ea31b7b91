"""Constraints on alarms, with a stack that has two topics in two regions."""

import json
from collections.abc import Callable

import pytest

from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    create_again,
    created_by,
    delete,
    find,
    inputs_of,
    recorded,
    refused,
    remove,
    update,
    urn_of,
)
from tools.recording import Recording
from tools.rehearsal.constraints import alarms
from tools.rehearsal.fake_cloud.cloud import FakeCloud

METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
KEY = "aws:kms/key:Key"

ALARM = (METRIC_ALARM, "alarms-metrics-silent")
HEALTH_ALARM = (METRIC_ALARM, "alarms-health-web")
IMPACT = (COMPOSITE_ALARM, "alarms-impact")
REDUNDANCY = (COMPOSITE_ALARM, "alarms-redundancy")
METRIC_FILTER = ("aws:cloudwatch/logMetricFilter:LogMetricFilter", "alarms-AutoscalerErrors")
LOG_GROUP = ("aws:cloudwatch/logGroup:LogGroup", "observability-application")


@pytest.fixture
def standby(previewed: Callable[[str], Recording]) -> Recording:
    return previewed("prod-standby")


@pytest.fixture
def cloud(standby: Recording) -> FakeCloud:
    return build(cloud_for(standby, constraints=alarms.CONSTRAINTS), created_by(standby))


def arn_of(cloud: FakeCloud, topic: str) -> str:
    return find(cloud, (TOPIC, topic)).outputs["arn"]


# Composite alarms and names.


def test_a_composite_alarm_needs_its_alarms(cloud: FakeCloud, standby: Recording) -> None:
    remove(cloud, REDUNDANCY, ALARM)
    with refused("ValidationError", "alarm prod-standby/metrics/silent does not exist"):
        create_again(cloud, standby, REDUNDANCY)
    create_again(cloud, standby, ALARM)
    create_again(cloud, standby, REDUNDANCY)


def test_a_composite_alarm_does_not_find_alarms_of_another_region(
    cloud: FakeCloud, standby: Recording
) -> None:
    remove(cloud, IMPACT)
    rule = 'ALARM("prod-standby/health/web")'
    with refused("ValidationError", "alarm prod-standby/health/web does not exist"):
        create_again(cloud, standby, IMPACT, alarmRule=rule)


def test_a_composite_alarm_is_not_updated_to_a_missing_alarm(cloud: FakeCloud) -> None:
    impact = find(cloud, IMPACT)
    with refused("ValidationError", "alarm gone does not exist"):
        update(cloud, impact, **{**impact.inputs, "alarmRule": 'ALARM("gone")'})


def test_the_name_of_an_alarm_is_unique_in_its_region_across_both_types(
    cloud: FakeCloud, standby: Recording
) -> None:
    name, urn = "prod-standby/impact", urn_of(METRIC_ALARM, "other")
    same_region = {**inputs_of(recorded(standby, ALARM)), "name": name}
    message = "an alarm with the name prod-standby/impact already exists"
    with refused("ValidationError", message):
        cloud.create(METRIC_ALARM, urn, same_region)
    other_region = {**inputs_of(recorded(standby, HEALTH_ALARM)), "name": name}
    cloud.create(METRIC_ALARM, urn, other_region)


# Notifications.


def test_an_alarm_publishes_only_in_its_region(cloud: FakeCloud, standby: Recording) -> None:
    topic = arn_of(cloud, "alarms-health")
    assert ":us-east-1:" in topic
    remove(cloud, ALARM)
    with refused("ValidationError", f"topic {topic} is not in region us-west-2"):
        create_again(cloud, standby, ALARM, okActions=[topic])


def test_an_alarm_publishes_only_to_a_topic_whose_policy_allows_cloudwatch(
    cloud: FakeCloud, standby: Recording
) -> None:
    remove(cloud, ALARM)
    policy = find(cloud, (TOPIC_POLICY, "alarms"))
    document = json.loads(policy.inputs["policy"])
    document["Statement"] = [
        each for each in document["Statement"] if each["Principal"] != {
            "Service": "cloudwatch.amazonaws.com"
        }
    ]  # fmt: skip
    policy.inputs["policy"] = json.dumps(document)
    message = f"no topic policy allows CloudWatch to publish to {arn_of(cloud, 'alarms')}"
    with refused("AuthorizationError", message):
        create_again(cloud, standby, ALARM)
    remove(cloud, (TOPIC_POLICY, "alarms"))
    with refused("AuthorizationError", message):
        create_again(cloud, standby, ALARM)


def test_an_alarm_publishes_only_to_a_topic_whose_key_allows_cloudwatch(cloud: FakeCloud) -> None:
    impact, topic = find(cloud, IMPACT), arn_of(cloud, "alarms")
    key = find(cloud, (KEY, "alarms"))
    document = json.loads(key.inputs["policy"])
    document["Statement"][1]["Action"] = ["kms:Decrypt"]
    key.inputs["policy"] = json.dumps(document)
    message = f"the key policy does not allow CloudWatch to use the key of {topic}"
    with refused("KMSAccessDenied", message):
        update(cloud, impact, **impact.inputs)
    for other in ("alias/aws/sns", None):
        find(cloud, (TOPIC, "alarms")).inputs["kmsMasterKeyId"] = other
        with refused("KMSAccessDenied", f"{topic} has no customer managed key"):
            update(cloud, impact, **impact.inputs)
    health = find(cloud, HEALTH_ALARM)  # publishes to the other topic
    update(cloud, health, **health.inputs)


def test_an_alarm_is_deleted_without_a_topic_policy(cloud: FakeCloud) -> None:
    remove(
        cloud, (TOPIC_POLICY, "alarms"), ("aws:cloudwatch/dashboard:Dashboard", "dashboard")
    )  # the dashboard refers to the alarm
    delete(cloud, find(cloud, ALARM))


def test_a_topic_is_created_before_its_subscriptions_and_deleted_after_them(
    cloud: FakeCloud, standby: Recording
) -> None:
    topic = (TOPIC, "alarms-health")
    [own] = [each for each in cloud.of_type(SUBSCRIPTION) if each.inputs["region"] == "us-east-1"]
    subscription = (SUBSCRIPTION, own.name)
    id_ = find(cloud, topic).id
    remove(cloud, HEALTH_ALARM, (TOPIC_POLICY, "alarms-health"))
    with refused("DependencyViolation", f"{id_} is in use by {own.label}"):
        delete(cloud, find(cloud, topic))
    remove(cloud, subscription, topic)
    with refused("NotFound", f"{id_} does not exist"):
        create_again(cloud, standby, subscription)


# Metric filters.


def test_a_metric_filter_is_created_but_not_deleted_only_with_its_log_group(
    cloud: FakeCloud, standby: Recording
) -> None:
    remove(cloud, METRIC_FILTER, LOG_GROUP)
    message = "log group /aws/containerinsights/prod-standby/application does not exist"
    with refused("ResourceNotFoundException", message):
        create_again(cloud, standby, METRIC_FILTER)
    create_again(cloud, standby, LOG_GROUP)
    create_again(cloud, standby, METRIC_FILTER)
    remove(cloud, LOG_GROUP)
    delete(cloud, find(cloud, METRIC_FILTER))
