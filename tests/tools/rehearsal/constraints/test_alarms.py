"""What CloudWatch refuses of alarms, and what nobody would hear, on a cell with two topics."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.tools.rehearsal.clouds import (
    build,
    cloud_for,
    created_by,
    delete,
    inputs_of,
    refused,
    update,
    urn_of,
)
from tools.recording import Recording, Resource
from tools.rehearsal.constraints import alarms as watching
from tools.rehearsal.fake_cloud.cloud import Cloud, CloudResource

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
TOPIC = "aws:sns/topic:Topic"
POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
KEY = "aws:kms/key:Key"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

ALARM = "alarms-metrics-silent"


@pytest.fixture
def standby(previewed: Callable[[str], Recording]) -> Recording:
    return previewed("prod-standby")


@pytest.fixture
def cloud(standby: Recording) -> Cloud:
    return build(cloud_for(standby, constraints=watching.CONSTRAINTS), created_by(standby))


def named(recording: Recording, type_: str, name: str) -> Resource:
    [found] = [each for each in created_by(recording) if (each.type, each.name) == (type_, name)]
    return found


def there(cloud: Cloud, type_: str, name: str) -> CloudResource:
    [found] = [each for each in cloud.of_type(type_) if each.name == name]
    return found


def take_away(cloud: Cloud, type_: str, name: str) -> None:
    thing = there(cloud, type_, name)
    del cloud.resources[thing.type, thing.id]


def again(cloud: Cloud, recording: Recording, type_: str, name: str, **changes: Any) -> None:
    each = named(recording, type_, name)
    cloud.create(each.type, each.urn, {**inputs_of(each), **changes})


def test_what_is_over_alarms_needs_them(cloud: Cloud, standby: Recording) -> None:
    take_away(cloud, COMPOSITE, "alarms-redundancy")
    take_away(cloud, METRIC, ALARM)
    with refused("ValidationError", "prod-standby/metrics/silent"):
        again(cloud, standby, COMPOSITE, "alarms-redundancy")
    again(cloud, standby, METRIC, ALARM)
    again(cloud, standby, COMPOSITE, "alarms-redundancy")


def test_what_is_over_alarms_is_over_those_of_its_region(cloud: Cloud, standby: Recording) -> None:
    take_away(cloud, COMPOSITE, "alarms-impact")
    with refused("ValidationError", "no alarm prod-standby/health/web"):
        again(cloud, standby, COMPOSITE, "alarms-impact",
              alarmRule='ALARM("prod-standby/health/web")')  # fmt: skip


def test_it_is_not_changed_to_what_is_not_there(cloud: Cloud) -> None:
    over = there(cloud, COMPOSITE, "alarms-impact")
    with refused("ValidationError", "no alarm gone"):
        update(cloud, over, **{**over.inputs, "alarmRule": 'ALARM("gone")'})


def test_a_name_is_taken_once_in_a_region_whatever_it_names(
    cloud: Cloud, standby: Recording
) -> None:
    own = inputs_of(named(standby, METRIC, ALARM))
    taken = {**own, "name": "prod-standby/impact"}
    with refused("ValidationError", "there is an alarm prod-standby/impact"):
        cloud.create(METRIC, urn_of(METRIC, "other"), taken)
    elsewhere = inputs_of(named(standby, METRIC, "alarms-health-web"))
    cloud.create(METRIC, urn_of(METRIC, "other"), {**elsewhere, "name": "prod-standby/impact"})


def test_an_alarm_publishes_in_its_own_region(cloud: Cloud, standby: Recording) -> None:
    elsewhere = there(cloud, TOPIC, "alarms-health").outputs["arn"]
    take_away(cloud, METRIC, ALARM)
    with refused("ValidationError", "us-east-1", "is not in us-west-2"):
        again(cloud, standby, METRIC, ALARM, okActions=[elsewhere])


def test_an_alarm_publishes_to_a_topic_that_lets_it(cloud: Cloud, standby: Recording) -> None:
    take_away(cloud, METRIC, ALARM)
    policy = there(cloud, POLICY, "alarms")
    document = json.loads(policy.inputs["policy"])
    document["Statement"] = [
        each for each in document["Statement"] if each["Principal"] != {
            "Service": "cloudwatch.amazonaws.com"
        }
    ]  # fmt: skip
    policy.inputs["policy"] = json.dumps(document)
    with refused("AuthorizationError", "may not publish"):
        again(cloud, standby, METRIC, ALARM)
    take_away(cloud, POLICY, "alarms")
    with refused("AuthorizationError", "may not publish"):
        again(cloud, standby, METRIC, ALARM)


def test_an_alarm_publishes_under_a_key_that_it_may_use(cloud: Cloud, standby: Recording) -> None:
    over = there(cloud, COMPOSITE, "alarms-impact")
    key = there(cloud, KEY, "alarms")
    document = json.loads(key.inputs["policy"])
    document["Statement"][1]["Action"] = ["kms:Decrypt"]
    key.inputs["policy"] = json.dumps(document)
    with refused("KMSAccessDenied", "may not use the key"):
        update(cloud, over, **over.inputs)
    for own in ("alias/aws/sns", None):
        there(cloud, TOPIC, "alarms").inputs["kmsMasterKeyId"] = own
        with refused("KMSAccessDenied", "no key that alarms may use"):
            update(cloud, over, **over.inputs)
    elsewhere = there(cloud, METRIC, "alarms-health-web")
    update(cloud, elsewhere, **elsewhere.inputs)


def test_an_alarm_that_is_over_is_not_asked(cloud: Cloud) -> None:
    take_away(cloud, POLICY, "alarms")
    take_away(cloud, DASHBOARD, "dashboard")
    delete(cloud, there(cloud, METRIC, ALARM))


def test_a_subscription_needs_its_topic_which_stays_as_long_as_there_is_one(
    cloud: Cloud, standby: Recording
) -> None:
    [own] = [each for each in cloud.of_type(SUBSCRIPTION) if each.inputs["region"] == "us-east-1"]
    for type_, name in ((METRIC, "alarms-health-web"), (POLICY, "alarms-health")):
        take_away(cloud, type_, name)
    with refused("DependencyViolation", own.name):
        delete(cloud, there(cloud, TOPIC, "alarms-health"))
    take_away(cloud, SUBSCRIPTION, own.name)
    take_away(cloud, TOPIC, "alarms-health")
    with refused("NotFound", "alarms-health"):
        again(cloud, standby, SUBSCRIPTION, own.name)


def test_a_metric_filter_needs_its_log_group(cloud: Cloud, standby: Recording) -> None:
    name = "alarms-AutoscalerErrors"
    take_away(cloud, FILTER, name)
    take_away(cloud, "aws:cloudwatch/logGroup:LogGroup", "observability-application")
    with refused("ResourceNotFoundException", "/aws/containerinsights/prod-standby/application"):
        again(cloud, standby, FILTER, name)
    again(cloud, standby, "aws:cloudwatch/logGroup:LogGroup", "observability-application")
    again(cloud, standby, FILTER, name)
    take_away(cloud, "aws:cloudwatch/logGroup:LogGroup", "observability-application")
    delete(cloud, there(cloud, FILTER, name))
