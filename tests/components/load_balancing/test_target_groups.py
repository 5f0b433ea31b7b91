"""Target groups: targets, health checks, deregistration and routing."""

from typing import Any

import pytest

from core.availability import health_checks as target_health
from tests.components.load_balancing.deployed_load_balancing import (
    APPS,
    GROUP,
    app,
    arn_of,
    balancing,
)


def health_check(**changes: Any) -> dict[str, Any]:
    return balancing(apps={"web": app(**changes)}).one(GROUP).inputs["healthCheck"]


def target_group(**changes: Any) -> dict[str, Any]:
    return balancing(apps={"web": app(**changes)}).one(GROUP).inputs


def test_only_exposed_apps_have_a_target_group() -> None:
    lb = balancing(apps=APPS)
    assert sorted(each.name for each in lb.of_type(GROUP)) == ["lb-api", "lb-docs", "lb-web"]
    exposed = ("api", "docs", "web")
    assert lb.shown()["arns"] == {name: arn_of(lb, name) for name in exposed}
    assert len({arn_of(lb, name) for name in exposed}) == 3


def test_targets_are_pod_addresses() -> None:
    group = target_group()
    assert group["targetType"] == "ip"
    assert group["protocol"] == "HTTP"
    assert group["vpcId"] == "vpc-1"


def test_the_port_of_an_app_can_change_without_a_new_target_group() -> None:
    assert target_group(port=8080)["port"] == target_group(port=9090)["port"]


def test_the_deregistration_delay_covers_in_flight_requests() -> None:
    assert target_group(longestRequestSeconds=15)["deregistrationDelay"] == 20
    assert target_group(longestRequestSeconds=40)["deregistrationDelay"] == 45


def test_the_target_health_check_requests_the_readiness_path_of_the_pod() -> None:
    probes = {"readiness": {"path": "/ready/now"}, "liveness": {"path": "/healthz"}}
    assert health_check(probes=probes) == {
        "protocol": "HTTP",
        "port": "traffic-port",
        "path": "/ready/now",
        "matcher": "200",
        "interval": 5,
        "timeout": 4,
        "healthyThreshold": 2,
        "unhealthyThreshold": 2,
    }


@pytest.mark.parametrize(
    ("expose", "algorithm", "slow"),
    [
        ({}, "round_robin", 0),
        ({"slowStartSeconds": 60}, "round_robin", 60),
        ({"algorithm": "leastOutstandingRequests"}, "least_outstanding_requests", 0),
    ],
)
def test_the_routing_algorithm_follows_the_stack_file(
    expose: dict[str, Any], algorithm: str, slow: int
) -> None:
    group = target_group(expose=expose)
    assert group["loadBalancingAlgorithmType"] == algorithm
    assert group["slowStart"] == slow


def test_a_target_group_has_the_protocol_health_check_and_stickiness_of_the_app() -> None:
    plain = target_group()
    assert {"protocolVersion", "stickiness"}.isdisjoint(plain)
    assert plain["healthCheck"]["port"] == "traffic-port"
    group = target_group(
        otherPorts={"admin": 8081},
        expose={
            "protocol": "http2",
            "stickySeconds": 600,
            "healthCheck": {"path": "/ht/", "port": "admin", "codes": "200-399"},
        },
    )
    assert group["protocolVersion"] == "HTTP2"
    assert group["stickiness"] == {"type": "lb_cookie", "enabled": True, "cookieDuration": 600}
    check = group["healthCheck"]
    assert (check["path"], check["port"], check["matcher"]) == ("/ht/", "8081", "200-399")


def test_cross_zone_load_balancing_is_enabled() -> None:
    assert target_group()["loadBalancingCrossZoneEnabled"] == "true", (
        "pods of a zone with fewer pods would receive more requests each"
    )


def test_a_zone_failure_makes_no_target_group_unhealthy() -> None:
    health = target_group()["targetGroupHealth"]
    assert health["dnsFailover"] == {"minimumHealthyTargetsCount": "1"}
    assert health["unhealthyStateRouting"] == {"minimumHealthyTargetsCount": 1}


def test_the_health_check_has_the_figures_of_core() -> None:
    """The figures are within the limits of AWS:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"""
    check = target_group()["healthCheck"]
    assert check["interval"] == target_health.INTERVAL
    assert check["timeout"] == target_health.TIMEOUT
    assert check["healthyThreshold"] == target_health.HEALTHY_THRESHOLD
    assert check["unhealthyThreshold"] == target_health.UNHEALTHY_THRESHOLD
    assert 5 <= check["interval"] <= 300
    assert 2 <= check["timeout"] <= 120
    assert check["timeout"] < check["interval"]
    assert 2 <= check["healthyThreshold"] <= 10
    assert 2 <= check["unhealthyThreshold"] <= 10


def test_each_app_has_its_own_slow_start() -> None:
    lb = balancing(apps={"web": app(), "api": app("/api", expose={"slowStartSeconds": 30})})
    slow = {each.name: each.inputs["slowStart"] for each in lb.of_type(GROUP)}
    assert slow == {"lb-web": 0, "lb-api": 30}
    assert arn_of(lb, "web") != arn_of(lb, "api")
