"""Alarms beyond those of the shipped stacks: limits of CloudWatch, and all kinds of alarms."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

from components.observability.alarms.alarm import Alarm, AlarmTarget, Math, register
from components.observability.alarms.composites import chunks, composite
from components.observability.metric_sources import Series
from core.facts import metrics
from tests.components.deploy import Deployed, deploy, with_aws

METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"

NODES = Series(metric=metrics.NODES, dimensions={"ClusterName": "cell"}, statistic="Minimum")
P99 = Series(
    metric=metrics.RESPONSE_TIME,
    dimensions={"LoadBalancer": "a", "TargetGroup": "b"},
    statistic="p99",
)


def alarm(**changes: Any) -> Alarm:
    defaults: Mapping[str, Any] = {
        "key": "metrics/silent", "kind": "redundancy", "description": "No metrics.",
        "first_check": "kubectl get nodes", "section": "a-section", "value": NODES,
        "comparison": "<", "threshold": 1, "periods": 3, "missing_data": "breaching",
    }  # fmt: skip
    return Alarm(**{**defaults, **changes})


def alarm_target(cell: str = "cell", opts: pulumi.ResourceOptions | None = None) -> AlarmTarget:
    return AlarmTarget(
        cell=cell,
        runbooks="docs",
        region="us-east-1",
        topic_arn=TOPIC,
        opts=opts or pulumi.ResourceOptions(),
    )


def composite_over(count: int) -> Deployed:
    """Deploys a composite alarm with a number of members."""

    def build() -> None:
        [provider] = with_aws().providers
        target = alarm_target(opts=pulumi.ResourceOptions(provider=provider))
        members = {
            key: register("alarms", alarm(key=key), target).name
            for key in (f"app/number-{number}/errors" for number in range(count))
        }
        composite("alarms-impact", "impact", "Users are affected.", members, target)

    return deploy(build)


@pytest.mark.parametrize("count", [1, 100])
def test_up_to_100_alarms_fit_into_one_composite_alarm(count: int) -> None:
    inputs = composite_over(count).one(COMPOSITE).inputs
    assert inputs["alarmName"] == "cell/impact"
    assert inputs["alarmRule"].count("ALARM(") == count
    assert inputs["alarmActions"] == inputs["okActions"] == [TOPIC]
    assert inputs["alarmDescription"] == (
        "Users are affected.\n"
        "First check: aws cloudwatch describe-alarms --alarm-name-prefix cell/ --state-value ALARM "
        "--region us-east-1 --query 'MetricAlarms[].[AlarmName,StateReason]' --output table\n"
        "Runbook: docs/runbooks/README.md#questions"
    )


def test_more_than_100_alarms_are_split_and_only_the_top_composite_alarm_notifies() -> None:
    registered = composite_over(101).of_type(COMPOSITE)
    found = {each.inputs["alarmName"]: each for each in registered}
    found = {name: found[name] for name in sorted(found)}
    assert [*found] == ["cell/impact", "cell/impact/1", "cell/impact/2"]
    top = found.pop("cell/impact")
    assert top.inputs["alarmRule"] == 'ALARM("cell/impact/1") OR ALARM("cell/impact/2")'
    assert top.name == "alarms-impact"
    assert top.inputs["alarmActions"] == [TOPIC]
    for number, part in enumerate(found.values(), 1):
        assert not part.inputs.get("alarmActions")
        assert not part.inputs.get("okActions")
        assert part.inputs["alarmDescription"] == (
            f"Part {number} of the composite alarm cell/impact, which has too many members for one "
            "rule. This alarm sends no notifications."
        )
    rules = " OR ".join(part.inputs["alarmRule"] for part in found.values())
    assert sorted(rules.split(" OR ")) == sorted(
        f'ALARM("cell/app/number-{number}/errors")' for number in range(101)
    )


def test_rules_of_long_names_stay_within_the_length_limit() -> None:
    target = alarm_target("c" * 100)
    keys = [f"app/{number:020}/hosts/ap-southeast-1a" for number in range(100)]
    parts = [*chunks(target, keys)]
    assert [key for part in parts for key in part] == keys
    assert len(parts) == 2
    for part in parts:
        rule = " OR ".join(f'ALARM("{target.name(key)}")' for key in part)
        assert len(rule) <= 10_240


def test_alarm_names_of_two_cells_never_collide() -> None:
    first = alarm_target("prod").name("standby/impact")
    second = alarm_target("prod-standby").name("impact")
    assert (first, second) == ("prod/standby/impact", "prod-standby/impact")


def inputs_of(registered: Alarm) -> dict[str, Any]:
    def build() -> None:
        [provider] = with_aws().providers
        target = alarm_target(opts=pulumi.ResourceOptions(provider=provider))
        register("alarms", registered, target)

    return deploy(build).one(METRIC).inputs


def test_percentile_alarms_are_evaluated_even_with_few_requests() -> None:
    inputs = inputs_of(alarm(value=P99))
    assert inputs["extendedStatistic"] == "p99"
    assert inputs["evaluateLowSampleCountPercentiles"] == "evaluate", (
        "the alarm would stay in alarm after the traffic has ended"
    )
    assert "statistic" not in inputs
    assert "evaluateLowSampleCountPercentiles" not in inputs_of(alarm())


def test_metric_math_contains_its_series_with_their_period() -> None:
    long = Series(
        metric=metrics.NODES, dimensions=NODES.dimensions, statistic="Maximum", period=300
    )
    inputs = inputs_of(alarm(value=Math(expression="long", series={"long": long})))
    value, series = inputs["metricQueries"]
    assert (value["id"], value["expression"], value["returnData"]) == ("value", "long", True)
    assert series["returnData"] is False
    assert series["metric"] == {
        "namespace": "ContainerInsights", "metricName": "cluster_node_count",
        "dimensions": {"ClusterName": "cell"}, "period": 300, "stat": "Maximum",
    }  # fmt: skip


def test_series_that_are_not_published_are_refused() -> None:
    with pytest.raises(ValueError, match="publishes no") as refused:
        Series(metric=metrics.NODES, dimensions={"ClusterName": "cell"}, statistic="Sum")
    assert str(refused.value) == (
        "ContainerInsights publishes no Sum of cluster_node_count with ClusterName; see "
        "https://github.com/aws/amazon-cloudwatch-agent/blob/main/translator/translate/otel/exporter/awsemf/kubernetes.go"
    )


def test_the_name_of_an_alarm_is_cell_and_key() -> None:
    inputs = inputs_of(alarm(datapoints=2))
    assert inputs["name"] == "cell/metrics/silent"
    assert inputs["datapointsToAlarm"] == 2


def test_the_description_states_problem_first_check_and_runbook() -> None:
    assert inputs_of(alarm())["alarmDescription"] == (
        "No metrics.\nFirst check: kubectl get nodes\nRunbook: docs/alarms.md#a-section"
    )
