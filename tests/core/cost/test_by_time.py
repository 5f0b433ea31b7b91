"""The cost of a stack at rest follows from the quantities and the list prices."""

import dataclasses

import pytest

from core.cost.by_time import BilledResources, Cost, CostItem, Group, Instances, cost_by_time
from core.facts.prices import HOURS_PER_MONTH

ONE_OF_EACH = BilledResources(
    instances=[Instances(instance_types=["m7i.large"], count=1)],
    control_planes=1,
    nat_gateways=1,
    load_balancers=1,
    reserved_lcus=1,
    public_ipv4=1,
    volume_gib=1,
    endpoints=1,
    kms_keys=1,
    health_checks=1,
    health_check_options=1,
    web_acls=1,
    web_acl_rules=1,
    alarm_metrics=1,
    high_resolution_alarm_metrics=1,
    composite_alarms=1,
    dashboards=1,
    prometheus_collectors=1,
)


def items(**quantities: object) -> list[CostItem]:
    return [*cost_by_time(dataclasses.replace(BilledResources(), **quantities)).items]


def test_the_price_of_each_resource_is_the_list_price_of_aws() -> None:
    prices = {item.what: item.per_hour for item in cost_by_time(ONE_OF_EACH).items}
    assert prices == pytest.approx(
        {
            "m7i.large": 0.1008,
            "control plane": 0.10,
            "NAT gateway": 0.045,
            "load balancer": 0.0225,
            "reserved LCU": 0.008,
            "public IPv4 address": 0.005,
            "zonal interface endpoint": 0.01,
            "GiB of volumes": 0.08 / 730,
            "KMS key": 1.00 / 730,
            "health check": 0.50 / 730,
            "health check option": 1.00 / 730,
            "web ACL": 5.00 / 730,
            "web ACL rule": 1.00 / 730,
            "alarm metric": 0.10 / 730,
            "high-resolution alarm metric": 0.30 / 730,
            "composite alarm": 0.50 / 730,
            "dashboard": 3.00 / 730,
            "Prometheus collector": 0.04,
        }
    )


def test_every_quantity_has_a_cost() -> None:
    for field in dataclasses.fields(BilledResources):
        if field.type is int or field.type == "int":
            [item] = items(**{field.name: 7})
            assert item.quantity == 7, f"{field.name} would be free"
            assert item.per_hour == 7 * item.unit_price > 0


def test_a_stack_without_resources_costs_nothing() -> None:
    assert cost_by_time(BilledResources()) == Cost(items=[], without_price=[])
    assert cost_by_time(BilledResources()).per_hour == 0


def test_the_cost_is_the_sum_of_its_items_and_of_its_groups() -> None:
    cost = cost_by_time(ONE_OF_EACH)
    groups: set[Group] = {item.group for item in cost.items}
    assert groups == {
        "nodes", "control plane", "NAT gateways", "load balancers", "other", "alarms",
    }  # fmt: skip
    assert cost.per_hour == pytest.approx(sum(cost.of(group) for group in groups))
    assert cost.of("alarms") == pytest.approx(3.90 / HOURS_PER_MONTH)
    assert cost.per_month == pytest.approx(cost.per_hour * 730)


@pytest.mark.parametrize(
    ("tier", "extended", "what", "price"),
    [
        ("standard", False, "control plane", 0.10),
        ("standard", True, "control plane (extended support)", 0.60),
        ("tier-xl", False, "control plane (tier-xl)", 1.75),
        ("tier-8xl", True, "control plane (tier-8xl, extended support)", 14.50),
    ],
)
def test_the_control_plane_costs_more_in_extended_support_and_with_a_tier(
    tier: str, extended: bool, what: str, price: float
) -> None:
    [item] = items(control_planes=1, tier=tier, extended_support=extended)
    assert (item.what, item.per_hour) == (what, pytest.approx(price))


def test_the_most_expensive_type_of_a_pool_decides_on_the_price() -> None:
    types = ["m7i-flex.large", "m7i.large"]
    [item] = items(instances=[Instances(instance_types=types, count=3, note="spot")])
    assert item.what == "m7i-flex.large or m7i.large (spot)"
    assert item.per_hour == pytest.approx(3 * 0.1008)


def test_resources_without_a_known_price_are_listed() -> None:
    unknown = Instances(instance_types=["m7i.large", "z9.huge"], count=2)
    none = Instances(instance_types=["z9.huge"], count=0)
    cost = cost_by_time(BilledResources(instances=[unknown, none], without_price=["a collector"]))
    assert cost == Cost(items=[], without_price=["2 × m7i.large or z9.huge", "a collector"])
