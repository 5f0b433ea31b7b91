"""Constraints on rules and certificates of listeners."""

import pytest

from tests.tools.rehearsal.clouds import empty_cloud, make, refused, update
from tools.rehearsal.constraints.listener_rules import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource

RULE = "aws:lb/listenerRule:ListenerRule"
CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate"


@pytest.fixture
def cloud() -> FakeCloud:
    return empty_cloud(constraints=CONSTRAINTS)


def rule(
    cloud: FakeCloud, name: str, *paths: str, listener: str = "one", priority: float | None = None
) -> CloudResource:
    return make(
        cloud, RULE, name, listenerArn=listener, priority=priority,
        conditions=[{"pathPattern": {"values": [*paths]}}] if paths else [],
    )  # fmt: skip


def test_a_rule_has_at_most_5_condition_values(cloud: FakeCloud) -> None:
    rule(cloud, "five", "/a", "/b", "/c", "/d", "/e")
    with refused("TooManyActions", "The maximum number of condition values per rule is 5"):
        rule(cloud, "six", "/a", "/b", "/c", "/d", "/e", "/f")


def test_values_of_all_conditions_count(cloud: FakeCloud) -> None:
    conditions = [
        {"pathPattern": {"values": ["/a", "/b", "/c"]}},
        {"hostHeader": {"values": ["a.example.com", "b.example.com"]}},
    ]
    make(cloud, RULE, "five", listenerArn="one", conditions=conditions)
    more = [*conditions, {"sourceIp": {"values": ["192.0.2.0/24"]}}]
    with refused("TooManyActions", "The maximum number of condition values per rule is 5"):
        make(cloud, RULE, "six", listenerArn="one", conditions=more)


def test_a_rule_has_a_condition(cloud: FakeCloud) -> None:
    with refused("ValidationError", "A rule must have at least one condition"):
        rule(cloud, "none")


def test_a_rule_has_at_most_6_wildcards(cloud: FakeCloud) -> None:
    rule(cloud, "six", "/***", "/???")
    with refused("ValidationError", "Rule has more than 6 wildcard characters"):
        rule(cloud, "seven", "/****", "/???")


def test_a_load_balancer_has_at_most_100_rules(cloud: FakeCloud) -> None:
    for number in range(100):
        rule(cloud, f"rule-{number}", f"/{number}")
    rule(cloud, "other", "/other", listener="two")
    with refused("TooManyRules", "The maximum number of rules per load balancer has been reached"):
        rule(cloud, "one-more", "/more")


def test_a_priority_is_unique_on_its_listener(cloud: FakeCloud) -> None:
    first = rule(cloud, "first", "/a", priority=7.0)
    rule(cloud, "other", "/a", listener="two", priority=7.0)
    with refused("PriorityInUse", "Priority '7' is currently in use"):
        rule(cloud, "second", "/b", priority=7.0)
    update(cloud, first, **{**first.inputs, "conditions": [{"pathPattern": {"values": ["/c"]}}]})
    rule(cloud, "second", "/b", priority=8.0)


@pytest.mark.parametrize("priority", [0, 50_001])
def test_a_priority_is_between_1_and_50000(cloud: FakeCloud, priority: int) -> None:
    with refused("ValidationError", f"Priority '{priority}' is out of range"):
        rule(cloud, "first", "/a", priority=float(priority))
    rule(cloud, "last", "/a", priority=50_000.0)


def test_a_load_balancer_has_at_most_25_further_certificates(cloud: FakeCloud) -> None:
    for number in range(25):
        make(cloud, CERTIFICATE, f"c-{number}", listenerArn="one", certificateArn=f"c-{number}")
    make(cloud, CERTIFICATE, "other", listenerArn="two", certificateArn="c-1")
    text = "The maximum number of certificates per load balancer has been reached"
    with refused("TooManyCertificates", text):
        make(cloud, CERTIFICATE, "one-more", listenerArn="one", certificateArn="c")


def test_other_resources_and_deletions_are_not_constrained(cloud: FakeCloud) -> None:
    full = {"listenerArn": "one", "priority": 7.0, "conditions": []}
    for constraint in CONSTRAINTS:
        for type_ in (RULE, CERTIFICATE):
            constraint(cloud, "delete", type_, full)
        constraint(cloud, "create", "aws:ec2/vpc:Vpc", full)
