"""Parts of the alarms that no stack file shows: many of them, and what an alarm can be."""

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

NODES = Series(metric=metrics.NODES, of={"ClusterName": "cell"}, statistic="Minimum")


def alarm(**changes: Any) -> Alarm:
    own: Mapping[str, Any] = {
        "key": "metrics/silent", "kind": "redundancy", "says": "Nothing is said.",
        "section": "a-section", "watches": NODES, "comparison": "<", "threshold": 1,
        "periods": 3, "missing": "breaching",
    }  # fmt: skip
    return Alarm(**{**own, **changes})


def told(cell: str = "cell", opts: pulumi.ResourceOptions | None = None) -> AlarmTarget:
    return AlarmTarget(
        cell=cell,
        runbooks="docs",
        region="us-east-1",
        topic_arn=TOPIC,
        opts=opts or pulumi.ResourceOptions(),
    )


def over(count: int, cell: str = "cell") -> Deployed:
    """One alarm over so many."""

    def build() -> None:
        options = with_aws()
        space = told(cell, pulumi.ResourceOptions(provider=options.providers[0]))
        made = {
            key: register("alarms", alarm(key=key), space).name
            for key in (f"app/number-{number}/errors" for number in range(count))
        }
        composite("alarms-impact", "impact", "Users are hurt.", made, space)

    return deploy(build)


@pytest.mark.parametrize("count", [1, 100])
def test_one_is_over_a_hundred(count: int) -> None:
    own = over(count).one(COMPOSITE).inputs
    assert own["alarmName"] == "cell/impact"
    assert own["alarmRule"].count("ALARM(") == count
    assert own["alarmActions"] == own["okActions"] == [TOPIC]
    assert own["alarmDescription"] == "Users are hurt. docs/alarms.md#impact"


def test_more_are_in_parts_of_which_only_the_whole_tells() -> None:
    found = {each.inputs["alarmName"]: each for each in over(101).of_type(COMPOSITE)}
    assert [*found] == ["cell/impact/1", "cell/impact/2", "cell/impact"]
    whole = found.pop("cell/impact")
    assert whole.inputs["alarmRule"] == 'ALARM("cell/impact/1") OR ALARM("cell/impact/2")'
    assert whole.name == "alarms-impact"
    assert whole.inputs["alarmActions"] == [TOPIC]
    for part in found.values():
        assert not part.inputs.get("alarmActions")
        assert not part.inputs.get("okActions")
    rules = " OR ".join(part.inputs["alarmRule"] for part in found.values())
    assert sorted(rules.split(" OR ")) == sorted(
        f'ALARM("cell/app/number-{number}/errors")' for number in range(101)
    )


def test_long_names_make_parts_smaller() -> None:
    space = told("c" * 100)
    keys = [f"app/{number:020}/hosts/ap-southeast-1a" for number in range(100)]
    parts = [*chunks(space, keys)]
    assert [key for part in parts for key in part] == keys
    assert len(parts) == 2
    for part in parts:
        rule = " OR ".join(f'ALARM("{space.name(key)}")' for key in part)
        assert len(rule) <= 10_240


def test_two_cells_have_no_alarm_in_common() -> None:
    first, second = told("prod").name("standby/impact"), told("prod-standby").name("impact")
    assert (first, second) == ("prod/standby/impact", "prod-standby/impact")


@pytest.mark.parametrize(
    ("changes", "plain"),
    [
        ({}, True),
        ({"datapoints": 2}, False),
        ({"watches": Math(expression="m + 1", series={"m": NODES})}, False),
        (
            {
                "watches": Series(
                    metric=metrics.RESPONSE_TIME,
                    of={"LoadBalancer": "a", "TargetGroup": "b"},
                    statistic="p99",
                )
            },
            False,
        ),
    ],
)
def test_route_53_reads_one_metric_of_every_minute(changes: dict[str, Any], plain: bool) -> None:
    assert alarm(**changes).plain is plain


def made_of(own: Alarm) -> dict[str, Any]:
    def build() -> None:
        [provider] = with_aws().providers
        register("alarms", own, told(opts=pulumi.ResourceOptions(provider=provider)))

    return deploy(build).one(METRIC).inputs


def test_a_percentile_is_that_of_the_requests_there_are() -> None:
    slow = Series(
        metric=metrics.RESPONSE_TIME, of={"LoadBalancer": "a", "TargetGroup": "b"}, statistic="p99"
    )
    inputs = made_of(alarm(watches=slow))
    assert inputs["extendedStatistic"] == "p99"
    assert inputs["evaluateLowSampleCountPercentiles"] == "evaluate", (
        "it would stay in alarm for as long as nobody comes"
    )
    assert "statistic" not in inputs
    assert "evaluateLowSampleCountPercentiles" not in made_of(alarm())


def test_math_has_its_series_with_their_periods() -> None:
    long = Series(metric=metrics.NODES, of=NODES.of, statistic="Maximum", period=300)
    inputs = made_of(alarm(watches=Math(expression="long", series={"long": long})))
    value, series = inputs["metricQueries"]
    assert (value["id"], value["expression"], value["returnData"]) == ("value", "long", True)
    assert series["returnData"] is False
    assert series["metric"] == {
        "namespace": "ContainerInsights", "metricName": "cluster_node_count",
        "dimensions": {"ClusterName": "cell"}, "period": 300, "stat": "Maximum",
    }  # fmt: skip


def test_an_alarm_of_what_nobody_publishes_is_none() -> None:
    with pytest.raises(ValueError, match="nobody publishes Sum of cluster_node_count"):
        Series(metric=metrics.NODES, of={"ClusterName": "cell"}, statistic="Sum")


def test_the_names_of_alarms_are_their_keys() -> None:
    inputs = made_of(alarm(datapoints=2))
    assert inputs["name"] == "cell/metrics/silent"
    assert inputs["datapointsToAlarm"] == 2
