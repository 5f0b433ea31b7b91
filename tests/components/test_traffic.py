from typing import Any

import pytest

from components.traffic import Traffic, TrafficArgs
from settings.traffic.traffic import Traffic as TrafficSettings
from tests.components.deploy import REGION, Deployed, context, deploy, with_aws

CHECK = "aws:route53/healthCheck:HealthCheck"
RECORD = "aws:route53/record:Record"

FAILOVER = {"policy": "failover", "role": "primary"}
WEIGHTED = {"policy": "weighted", "weight": 200}
LATENCY = {"policy": "latency"}

POLICIES = {"failoverRoutingPolicies", "weightedRoutingPolicies", "latencyRoutingPolicies"}


ONE = {"web": "/readyz"}
SEVERAL = {"web": "/readyz", "api": "/api/ready", "drained": "/d/ready"}
"""By apps, one of which is called like a part of the traffic."""


def traffic(
    given: dict[str, Any] | None = LATENCY,
    target_groups: int = 1,
    health_paths: dict[str, str] = ONE,
) -> Deployed:
    domain = {"domain": "app.example.com", "hostedZoneId": "Z0123456789"}
    args = TrafficArgs(
        traffic=None if given is None else TrafficSettings.model_validate({**domain, **given}),
        context=context(),
        dns_name="lb-1.us-east-1.elb.amazonaws.com",
        zone_id="ZELB",
        health_paths=health_paths,
        target_groups=target_groups,
    )
    return deploy(lambda: Traffic("traffic", args, with_aws()))


def record(given: dict[str, Any] | None = LATENCY, target_groups: int = 1) -> dict[str, Any]:
    return traffic(given, target_groups).one(RECORD).inputs


def test_a_cell_without_a_domain_has_no_record_and_no_health_check() -> None:
    cell = traffic(None)
    assert cell.of_type(RECORD) == []
    assert cell.of_type(CHECK) == []


def test_the_domain_leads_to_the_cell_s_load_balancer() -> None:
    made = record()
    assert made["zoneId"] == "Z0123456789"
    assert made["name"] == "app.example.com"
    assert made["type"] == "A"
    (alias,) = made["aliases"]
    assert alias["name"] == "lb-1.us-east-1.elb.amazonaws.com"
    assert alias["zoneId"] == "ZELB"


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        (FAILOVER, {"failoverRoutingPolicies": [{"type": "PRIMARY"}]}),
        (
            {"policy": "failover", "role": "secondary"},
            {"failoverRoutingPolicies": [{"type": "SECONDARY"}]},
        ),
        (WEIGHTED, {"weightedRoutingPolicies": [{"weight": 200}]}),
        (
            {"policy": "weighted", "weight": 0},
            {"weightedRoutingPolicies": [{"weight": 0}]},
        ),
        (LATENCY, {"latencyRoutingPolicies": [{"region": REGION}]}),
    ],
)
def test_the_record_has_the_policy_asked_for_and_no_other(
    given: dict[str, Any], policy: dict[str, Any]
) -> None:
    made = record(given)
    assert {key: made[key] for key in POLICIES & set(made)} == policy


@pytest.mark.parametrize("given", [FAILOVER, WEIGHTED, LATENCY])
def test_a_cell_that_fails_its_health_check_is_taken_out_whatever_the_policy(
    given: dict[str, Any],
) -> None:
    cell = traffic(given)
    made = cell.one(RECORD).inputs
    assert made["healthCheckId"] == cell.id_of(cell.one(CHECK))
    assert made["setIdentifier"] == "prod", "cells overwrite each other's record"


def test_the_health_check_asks_the_cell_itself_over_https() -> None:
    check = traffic().one(CHECK).inputs
    assert check["type"] == "HTTPS"
    assert check["port"] == 443
    assert check["enableSni"] is True
    assert check["fqdn"] == "lb-1.us-east-1.elb.amazonaws.com", "one cell's loss fails every check"
    assert check["resourcePath"] == "/readyz"


def test_a_cell_is_out_half_a_minute_after_it_fails() -> None:
    check = traffic().one(CHECK).inputs
    assert check["requestInterval"] * check["failureThreshold"] == 30
    assert check["failureThreshold"] == 3, "one lost answer takes the cell out"


def test_the_health_check_says_whose_it_is() -> None:
    assert traffic().one(CHECK).inputs["tags"] == {"Name": "prod app.example.com"}


@pytest.mark.parametrize(("target_groups", "asked"), [(1, True), (2, False), (5, False)])
def test_targets_count_only_where_an_empty_group_means_an_empty_cell(
    target_groups: int, asked: bool
) -> None:
    (alias,) = record(target_groups=target_groups)["aliases"]
    assert alias["evaluateTargetHealth"] is asked


@pytest.mark.parametrize("given", [FAILOVER, WEIGHTED, LATENCY], ids=lambda each: each["policy"])
def test_a_drained_cell_is_unhealthy_to_route_53_whatever_its_own_check_says(
    given: dict[str, Any],
) -> None:
    cell = traffic({**given, "drained": True})
    own, drained = cell.one(CHECK, "traffic"), cell.one(CHECK, "traffic-drained")
    assert drained.inputs["type"] == "CALCULATED"
    assert drained.inputs["childHealthchecks"] == [cell.id_of(own)]
    assert drained.inputs["childHealthThreshold"] == 2, "one child can never make two healthy ones"
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(drained)


def test_a_cell_that_is_not_drained_is_judged_by_its_own_check() -> None:
    cell = traffic()
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(cell.one(CHECK))


def test_each_app_that_decides_is_asked_at_its_own_path_through_the_load_balancer() -> None:
    cell = traffic(health_paths=SEVERAL)
    for app, path in SEVERAL.items():
        check = cell.one(CHECK, f"traffic-app-{app}").inputs
        assert (check["type"], check["port"], check["enableSni"]) == ("HTTPS", 443, True)
        assert check["fqdn"] == "lb-1.us-east-1.elb.amazonaws.com"
        assert check["resourcePath"] == path
        assert check["requestInterval"] * check["failureThreshold"] == 30
        assert check["tags"] == {"Name": f"prod app.example.com {app}"}, "nobody could tell which"


def test_the_cell_is_healthy_only_while_all_apps_that_decide_are() -> None:
    cell = traffic(health_paths=SEVERAL)
    both = cell.one(CHECK, "traffic-all")
    own = [cell.id_of(cell.one(CHECK, f"traffic-app-{app}")) for app in SEVERAL]
    assert both.inputs["type"] == "CALCULATED"
    assert both.inputs["childHealthchecks"] == own
    assert both.inputs["childHealthThreshold"] == len(SEVERAL)
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(both)
    assert len(cell.of_type(CHECK)) == len(SEVERAL) + 1, "each of them is paid for"


def test_one_app_that_decides_has_one_check_which_is_the_cell_s() -> None:
    cell = traffic(health_paths={"api": "/api/ready"})
    assert cell.one(CHECK, "traffic").inputs["resourcePath"] == "/api/ready"
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(cell.one(CHECK))


def test_a_drained_cell_of_several_apps_is_unhealthy_however_many_of_them_are() -> None:
    cell = traffic({**LATENCY, "drained": True}, health_paths=SEVERAL)
    drained = cell.one(CHECK, "traffic-drained")
    children = drained.inputs["childHealthchecks"]
    assert children == [cell.id_of(cell.one(CHECK, f"traffic-app-{app}")) for app in SEVERAL]
    assert drained.inputs["childHealthThreshold"] == len(children) + 1
    assert cell.one(RECORD).inputs["healthCheckId"] == cell.id_of(drained)
    kinds = [each.inputs["type"] for each in cell.of_type(CHECK)]
    assert kinds.count("CALCULATED") == 1, "nothing else may say that it is healthy"
