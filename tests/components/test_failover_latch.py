import json
from dataclasses import replace
from typing import Any

from components.failover_latch import FailoverLatch, FailoverLatchArgs
from tests.components.deploy import Deployed, context, deploy, with_aws
from tests.shared_recordings import recorded
from tools.recording import Resource

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
CHECK = "aws:route53/healthCheck:HealthCheck"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"


def latch(*apps: str, internal: bool = False) -> Deployed:
    args = FailoverLatchArgs(
        context=replace(context(), region="eu-west-1"),
        internal=internal,
        health_checks={app: f"check-{app}" for app in apps},
        label="prod app.example.com",
    )
    return deploy(lambda: FailoverLatch("latch", args, with_aws()))


def only(deployed: Deployed, token: str) -> dict[str, Any]:
    return deployed.one(token, "latch").inputs


def test_the_check_retains_its_status_while_the_metric_has_no_data() -> None:
    check = only(latch("web"), CHECK)
    assert check["insufficientDataHealthStatus"] == "LastKnownStatus", "the cell would fail back"
    alarm = only(latch("web"), ALARM)
    assert check["cloudwatchAlarmName"] == alarm["name"]
    assert check["cloudwatchAlarmRegion"] == alarm["region"]
    assert alarm["statistic"] in {"Average", "Minimum", "Maximum", "Sum", "SampleCount"}
    assert alarm["period"] >= 300, "a late log event would be missed"
    assert "metricQueries" not in alarm


def test_a_failover_writes_1_to_the_metric_of_the_check_and_nothing_else_does() -> None:
    deployed = latch("web")
    alarm, filter_ = only(deployed, ALARM), only(deployed, FILTER)
    metric = filter_["metricTransformation"]
    assert (metric["namespace"], metric["name"]) == (alarm["namespace"], alarm["metricName"])
    assert metric["value"] == "1"
    assert "defaultValue" not in metric, "each event without a match would fail the cell back"
    assert (alarm["comparisonOperator"], alarm["threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert filter_["logGroupName"] == only(deployed, GROUP)["name"]


def test_an_alarm_sets_the_latch_only_when_it_leaves_ok() -> None:
    """A new alarm without data must not keep the cell out of service."""
    pattern = json.loads(only(latch("web", "api"), RULE)["eventPattern"])
    assert pattern["detail"] == {
        "alarmName": [{"prefix": "prod/failover/"}],
        "previousState": {"value": ["OK"]},
        "state": {"value": ["ALARM"]},
    }
    assert pattern["source"] == ["aws.cloudwatch"]


def test_an_alarm_of_one_load_balancer_does_not_set_the_latch_of_the_other() -> None:
    """A pattern has at most 2,048 characters, too few for the names of all alarms."""
    public, internal = latch("web", "web-internal"), latch("web", internal=True)
    for own, other in ((public, internal), (internal, public)):
        [matched] = json.loads(only(own, RULE)["eventPattern"])["detail"]["alarmName"]
        setting = [each.inputs["name"] for each in own.of_type(ALARM) if each.name != "latch"]
        assert all(each.startswith(matched["prefix"]) for each in setting)
        for each in other.of_type(ALARM):
            assert not each.inputs["name"].startswith(matched["prefix"])


def test_a_health_check_without_data_does_not_set_the_latch() -> None:
    for alarm in latch("web", "api").of_type(ALARM):
        if alarm.name != "latch":
            assert alarm.inputs["treatMissingData"] == "notBreaching", alarm.name
            assert alarm.inputs["datapointsToAlarm"] == 3
            assert alarm.inputs["evaluationPeriods"] == 15
            assert alarm.inputs["dimensions"] == {
                "HealthCheckId": f"check-{alarm.name.removeprefix('latch-')}"
            }


def test_eventbridge_may_write_to_the_log_group_before_it_has_a_target() -> None:
    deployed = latch("web")
    policy = only(deployed, POLICY)
    [statement] = json.loads(policy["policyDocument"])["Statement"]
    assert statement["Resource"] == f"{policy['resourceArn']}:*"
    assert "events.amazonaws.com" in statement["Principal"]["Service"]
    assert only(deployed, TARGET)["arn"] == policy["resourceArn"]
    assert only(deployed, GROUP)["name"].startswith("/aws/events/")


def test_the_check_comes_after_all_that_sets_the_latch() -> None:
    """Otherwise a failover could come before the latch can be set, and would end by itself."""
    prod = recorded("prod")

    def of_latch(token: str) -> Resource:
        [found] = [each for each in prod.of_type(token) if each.name == "traffic-latch"]
        return found

    parts = {of_latch(token).urn for token in (FILTER, GROUP, POLICY, RULE, TARGET)}
    assert parts <= prod.before(of_latch(CHECK))
    assert of_latch(POLICY).urn in prod.before(of_latch(TARGET)), "events would be refused"


def test_every_part_is_in_the_region_of_the_metrics_of_route_53() -> None:
    for deployed in (latch("web"), latch("web", internal=True)):
        for token in (ALARM, FILTER, GROUP, POLICY, RULE, TARGET):
            assert {each.inputs["region"] for each in deployed.of_type(token)} == {"us-east-1"}


def test_the_latches_of_both_load_balancers_share_no_name() -> None:
    public, internal = latch("web"), latch("web", internal=True)
    for token in (ALARM, FILTER, GROUP, RULE):
        names, others = (
            {each.inputs["name"] for each in latch.of_type(token)} for latch in (public, internal)
        )
        assert not names & others, token
    metric = only(internal, FILTER)["metricTransformation"]["name"]
    assert metric == only(internal, ALARM)["metricName"]
