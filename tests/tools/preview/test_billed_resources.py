"""Everything that AWS bills by time is counted, in every stack."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.cost.by_time import BilledResources, Instances
from core.facts.versions.kubernetes import KUBERNETES
from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded, recorded_config
from tools.preview.billed_nodes import NODE_GROUP, Nodes
from tools.preview.billed_resources import (
    BILLED,
    CLUSTER,
    billed_resources,
)
from tools.preview.no_fixed_price import NO_FIXED_PRICE
from tools.recording import Recording, Resource
from tools.recording.record import ROOT

TODAY = date(2026, 11, 28)
EXAMPLES = ROOT / "examples"
NODES: tuple[Nodes, ...] = ("minimum", "at rest", "maximum")
GENERAL = Instances(instance_types=("m7i.large",), count=9)


def counted(recording: Recording) -> BilledResources:
    return billed_resources(recording, TODAY)


def prod(**sections: Mapping[str, object]) -> Recording:
    """The recording of prod with changed sections."""
    config = config_of("prod")
    for section, values in sections.items():
        config[f"ha-eks:{section}"] = {**config.get(f"ha-eks:{section}", {}), **values}
    return recorded_config("prod", config)


def pools(**pool: object) -> Mapping[str, object]:
    return {"general": {**config_of("prod")["ha-eks:pools"]["general"], **pool}}


def with_inputs(recording: Recording, type_: str, **inputs: object) -> Recording:
    """A recording in which the resources of a type have further inputs."""
    resources = tuple(
        replace(each, inputs={**each.inputs, **inputs}) if each.type == type_ else each
        for each in recording.resources
    )
    return replace(recording, resources=resources)


def made(type_: str, **inputs: object) -> Resource:
    return Resource(
        urn=type_, type=type_, name="a", custom=True, remote=False, inputs=inputs, parent=None,
        provider=None, dependencies=(), options={}, transforms=(),
    )  # fmt: skip


def added(recording: Recording, type_: str, **inputs: Any) -> BilledResources:  # Any: JSON
    more = (*recording.resources, made(type_, **inputs))
    return counted(replace(recording, resources=more))


def unknown(recording: Recording) -> set[str]:
    return {each.type for each in recording.cloud_resources} - BILLED - NO_FIXED_PRICE


def test_every_resource_type_of_a_stack_is_billed_or_has_no_fixed_price(
    recording: Recording,
) -> None:
    assert unknown(recording) == set(), "preview would omit the cost of these types"


@pytest.mark.parametrize(
    "stack", sorted(file.name.split(".")[1] for file in EXAMPLES.glob("Pulumi.*.yaml"))
)
def test_every_resource_type_of_an_example_is_billed_or_has_no_fixed_price(stack: str) -> None:
    assert unknown(recorded(stack, EXAMPLES)) == set(), "preview would omit the cost of these types"


OF_EXTENSIONS = {
    "aws:rds/instance:Instance",
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:rds/subnetGroup:SubnetGroup",
    "aws:sqs/queue:Queue",
}
"""Types that only extensions create. Preview lists these as types without a price."""


def test_every_resource_type_that_a_stack_can_have_is_known() -> None:
    file = ROOT / "core" / "facts" / "replacements.toml"
    types = {*tomllib.loads(file.read_text(encoding="utf-8"))} - OF_EXTENSIONS
    assert len(types) > 50
    assert types - BILLED - NO_FIXED_PRICE == set(), "preview would omit the cost of these types"
    assert {each for each in BILLED | NO_FIXED_PRICE if each.startswith("aws:")} == types
    assert set() == BILLED & NO_FIXED_PRICE
    assert unknown(prod(headroom={"mode": "capacityBuffer"})) == set()


def test_no_service_creates_a_load_balancer_of_its_own(recording: Recording) -> None:
    services = recording.of_type("kubernetes:core/v1:Service")
    specs: list[dict[str, object]] = [each.inputs["spec"] for each in services]  # pyright: ignore[reportAssignmentType]  # JSON
    assert specs
    assert [each for each in specs if each.get("type") == "LoadBalancer"] == []


def test_prod_is_billed_for_these_resources(previewed: Callable[[str], Recording]) -> None:
    assert counted(previewed("prod")) == BilledResources(
        instances=[GENERAL],
        control_planes=1,
        nat_gateways=3,
        load_balancers=1,
        public_ipv4=6,
        volume_gib=9 * 50,
        kms_keys=3,
        health_checks=3,  # of web, of the failover latch, and of both
        health_check_options=2,
        alarm_metrics=54,
        composite_alarms=2,
        dashboards=1,
    )


def test_the_wide_stack_is_billed_for_these_resources(
    previewed: Callable[[str], Recording],
) -> None:
    assert counted(previewed("wide")) == BilledResources(
        instances=[
            Instances(instance_types=("m7i.large",), count=9),
            Instances(
                instance_types=("m7i.large", "m6i.large"),
                count=6,
                note="spot, at the on-demand price",
            ),
            Instances(instance_types=("c7g.xlarge",), count=6),
            Instances(instance_types=("r7i.large",), count=6),
            Instances(instance_types=("m7i.large",), count=0, note="reserved, unused"),
        ],
        control_planes=1,
        nat_gateways=3,  # a regional one, in three zones
        load_balancers=1,
        public_ipv4=6,
        volume_gib=(27 + 3 * 2) * 50 + 20,  # nodes, 2 stopped instances per zone, a volume
        endpoints=9,
        kms_keys=4,
        health_checks=3,
        health_check_options=4,  # the third one is calculated from the others
        web_acls=1,
        web_acl_rules=6,
        alarm_metrics=148,
        composite_alarms=2,
        dashboards=1,
        prometheus_collectors=1,
    )


def test_nodes_are_those_that_the_pods_at_rest_need() -> None:
    web = {**config_of("prod")["ha-eks:apps"]["web"], "replicas": {"needed": 8, "max": 30}}
    [nodes] = counted(prod(apps={"web": web})).instances
    assert nodes.count > 9, "more pods would not cost more"


def test_nodes_of_a_zone_that_is_out_run_in_the_other_zones() -> None:
    out = counted(prod(network={"zonesOut": ["us-east-1b"]}))
    [nodes] = out.instances
    assert nodes.count % 2 == 0
    assert nodes.count >= 8
    assert out.nat_gateways == 3, "the NAT gateway of the zone remains"
    assert counted(prod(network={"zonesOut": ["us-east-1b"], "nat": "regional"})).nat_gateways == 2


def test_running_instances_of_a_warm_pool_are_billed_like_nodes() -> None:
    warm = counted(prod(pools=pools(warmPool={"min": 1, "state": "RUNNING", "maxPrepared": 5})))
    assert warm.instances == [
        GENERAL, Instances(instance_types=("m7i.large",), count=6, note="warm pool"),
    ]  # fmt: skip
    assert warm.volume_gib == 15 * 50
    at_least = counted(prod(pools=pools(warmPool={"min": 4, "maxPrepared": 5})))
    assert at_least.instances == [GENERAL]
    assert at_least.volume_gib == (9 + 12) * 50, "stopped instances have volumes"
    unlimited = counted(prod(pools=pools(warmPool={})))
    assert unlimited.volume_gib == 36 * 50


def test_reserved_instances_are_billed_if_no_node_uses_them() -> None:
    per_zone = {"min": 2, "max": 12, "reserved": 5}
    assert counted(prod(pools=pools(perZone=per_zone))).instances == [
        GENERAL, Instances(instance_types=("m7i.large",), count=6, note="reserved, unused"),
    ]  # fmt: skip
    [nodes, unused] = counted(prod(pools=pools(perZone={**per_zone, "reserved": 2}))).instances
    assert (nodes.count, unused.count) == (9, 0)


@pytest.mark.parametrize(("state", "unused"), [("RUNNING", 0), ("STOPPED", 6)])
def test_running_instances_of_a_warm_pool_use_a_reservation(state: str, unused: int) -> None:
    per_zone = {"min": 2, "max": 12, "reserved": 5}
    warm = {"min": 1, "state": state, "maxPrepared": 5}
    recording = prod(pools=pools(perZone=per_zone, warmPool=warm))
    found = counted(recording).instances
    assert [each.count for each in found if each.note == "reserved, unused"] == [unused]
    least, at_rest, most = (
        sum(each.count for each in billed_resources(recording, TODAY, nodes).instances)
        for nodes in NODES
    )
    assert least <= at_rest <= most, "preview would show a minimum that is not the lowest cost"


@pytest.mark.parametrize(
    ("support", "days", "extended"),
    [("EXTENDED", 1, True), ("EXTENDED", 0, False), ("STANDARD", 1, False)],
)
def test_a_version_beyond_standard_support_costs_more_unless_eks_upgrades(
    previewed: Callable[[str], Recording], support: str, days: int, extended: bool
) -> None:
    end = KUBERNETES["1.36"]
    recording = with_inputs(previewed("prod"), CLUSTER, upgradePolicy={"supportType": support})
    today = date.fromordinal(end.toordinal() + days)
    assert billed_resources(recording, today).extended_support is extended


def test_an_internal_load_balancer_has_no_public_addresses(
    previewed: Callable[[str], Recording],
) -> None:
    recording = with_inputs(previewed("prod"), "aws:lb/loadBalancer:LoadBalancer", internal=True)
    assert counted(recording).public_ipv4 == 3


def test_alarms_are_billed_by_metric_and_period(previewed: Callable[[str], Recording]) -> None:
    queries = [
        {"metric": {"metricName": "a", "period": 10}},
        {"metric": {"metricName": "b", "period": 60}},
        {"metric": {"metricName": "c"}},
        {"expression": "a + b + c"},
    ]  # fmt: skip
    alarm = "aws:cloudwatch/metricAlarm:MetricAlarm"
    counts = added(previewed("prod"), alarm, metricQueries=queries)
    assert (counts.alarm_metrics, counts.high_resolution_alarm_metrics) == (56, 1)
    assert added(previewed("prod"), alarm, metricName="a", period=300).alarm_metrics == 55


@pytest.mark.parametrize(
    ("inputs", "options"),
    [
        ({"type": "HTTP", "requestInterval": 30}, 0),
        ({"type": "HTTPS", "requestInterval": 30}, 1),
        ({"type": "HTTPS_STR_MATCH", "requestInterval": 10, "measureLatency": True}, 4),
    ],
)
def test_each_optional_feature_of_a_health_check_is_billed(
    previewed: Callable[[str], Recording], inputs: dict[str, object], options: int
) -> None:
    counts = added(previewed("prod"), "aws:route53/healthCheck:HealthCheck", **inputs)
    assert (counts.health_checks, counts.health_check_options) == (4, 2 + options)


def test_a_volume_is_billed_by_the_gib(previewed: Callable[[str], Recording]) -> None:
    claim = "kubernetes:core/v1:PersistentVolumeClaim"
    spec = {"resources": {"requests": {"storage": "1500Mi"}}}
    assert added(previewed("prod"), claim, spec=spec).volume_gib == 450 + 2


def test_each_node_group_is_counted(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("prod")
    [first, *_] = recording.of_type(NODE_GROUP)
    without = tuple(each for each in recording.resources if each is not first)
    [nodes] = counted(replace(recording, resources=without)).instances
    assert nodes.count == 6


def test_reserved_capacity_of_the_load_balancer_is_billed() -> None:
    config = config_of("prod")
    config["ha-eks:loadBalancing"] = {"minimumCapacityUnits": 500}
    assert counted(recorded_config("prod", config)).reserved_lcus == 500
