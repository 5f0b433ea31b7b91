"""Topics of alarms: region, subscribers, key and policy."""

import json
from pathlib import Path
from typing import Any

import yaml

from settings import read_stack_file
from tests.alarm_evaluation import COMPOSITE, alarms, all_alarms
from tests.stacks.resources import outputs_of
from tools.recording import Recording, Resource, record
from tools.recording.record import ROOT

TOPIC = "aws:sns/topic:Topic"
KEY = "aws:kms/key:Key"


def topics(recording: Recording) -> dict[str, Resource]:
    """Returns the topics by ARN."""
    outputs = outputs_of(recording, TOPIC)
    return {
        each["arn"]: topic for each, topic in zip(outputs, recording.of_type(TOPIC), strict=True)
    }


def test_every_alarm_notifies_the_topic_of_its_region(recording: Recording) -> None:
    """Parts of a composite alarm have no actions."""
    by_arn = topics(recording)
    composites = {f"{recording.stack}/impact", f"{recording.stack}/redundancy"}
    for each in all_alarms(recording):
        inputs: Any = each.inputs
        actions = inputs.get("alarmActions")
        if each.type == COMPOSITE and inputs["alarmName"] not in composites:
            assert not actions, "subscribers would be notified twice"
            continue
        if str(inputs.get("name")).startswith(f"{recording.stack}/apps-below-need"):
            assert not actions, "the alarm of the app notifies the subscribers"
            continue
        assert actions == inputs["okActions"]
        assert len(actions) == 1, "no subscriber would be notified"
        region = by_arn[actions[0]].inputs["region"]
        assert region == inputs["region"], "CloudWatch refuses topics of other regions"


def test_each_region_with_alarms_has_one_topic(recording: Recording) -> None:
    region, settings = recording.settings.aws.region, recording.settings
    # The health checks of the internal load balancer read alarms of its own region.
    global_checks = settings.load_balancer("public").health_paths
    expected = {region, "us-east-1"} if global_checks else {region}
    assert sorted(str(e.inputs["region"]) for e in recording.of_type(TOPIC)) == sorted(expected)
    assert {str(each.inputs["region"]) for each in all_alarms(recording)} == expected


def test_a_cell_without_health_checks_has_alarms_only_in_its_region(tmp_path: Path) -> None:
    config = read_stack_file(ROOT / "Pulumi.prod-standby.yaml")
    del config["ha-eks:traffic"]
    text = yaml.safe_dump({"config": config})
    (tmp_path / "Pulumi.changed.yaml").write_text(text, encoding="utf-8")
    recording = record("changed", root=tmp_path)
    assert [each.inputs["region"] for each in recording.of_type(TOPIC)] == ["us-west-2"]
    assert not [key for key in alarms(recording) if key.startswith("health/")]


def test_every_subscriber_is_subscribed_to_every_topic(recording: Recording) -> None:
    expected = {
        (e.protocol, e.endpoint) for e in recording.settings.observability.alarms.subscriptions
    }
    for arn, topic in topics(recording).items():
        found = [
            e.inputs
            for e in recording.of_type("aws:sns/topicSubscription:TopicSubscription")
            if e.inputs["topic"] == arn
        ]
        assert {(e["protocol"], e["endpoint"]) for e in found} == expected
        assert {e["region"] for e in found} <= {topic.inputs["region"]}
    assert not [e for e in recording.resources if "@" in e.name], (
        "logs would contain the addresses of subscribers"
    )


def test_cloudwatch_may_publish_to_each_topic_and_use_its_key(recording: Recording) -> None:
    keys = dict(
        zip([e["arn"] for e in outputs_of(recording, KEY)], recording.of_type(KEY), strict=True)
    )
    policies = {e.inputs["arn"]: e for e in recording.of_type("aws:sns/topicPolicy:TopicPolicy")}
    for arn, topic in topics(recording).items():
        region = topic.inputs["region"]
        key = keys[str(topic.inputs["kmsMasterKeyId"])]
        assert key.inputs["region"] == policies[arn].inputs["region"] == region
        for document, actions, resource in (
            (key.inputs["policy"], {"kms:Decrypt", "kms:GenerateDataKey*"}, "*"),
            (policies[arn].inputs["policy"], {"sns:Publish"}, arn),
        ):
            [statement] = [
                each
                for each in json.loads(str(document))["Statement"]
                if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            ]
            assert (statement["Effect"], {*statement["Action"]}) == ("Allow", actions)
            assert statement["Resource"] == resource
            assert statement["Condition"] == {
                "StringEquals": {"aws:SourceAccount": "123456789012"},
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{region}:123456789012:alarm:*"},
            }
        rules = [each for each in recording.of_type("aws:cloudwatch/eventTarget:EventTarget")
                 if each.inputs["arn"] == arn]  # fmt: skip
        for document in (key.inputs["policy"], policies[arn].inputs["policy"]):
            allowed = [each for each in json.loads(str(document))["Statement"]
                       if each["Principal"] == {"Service": "events.amazonaws.com"}]  # fmt: skip
            assert len(allowed) == bool(rules), (
                "EventBridge could not publish, or could for nothing"
            )
            assert not [each for each in allowed if "Condition" in each], (
                "EventBridge sends neither account nor rule, and would be denied"
            )
        denied = [s for s in json.loads(str(policies[arn].inputs["policy"]))["Statement"]
                  if s["Effect"] == "Deny"]  # fmt: skip
        assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
