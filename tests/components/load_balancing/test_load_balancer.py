"""Load balancer, its URLs, and what the pods of its apps depend on."""

from typing import Any

import pytest

from tests.components.load_balancing.deployed_load_balancing import (
    APPS,
    BALANCER,
    CERTIFICATE,
    EGRESS_RULE,
    INGRESS_RULE,
    LISTENER,
    RELEASE,
    RULE,
    SECURITY_GROUP,
    arn_of,
    balancing,
    listener,
)


def test_the_load_balancer_is_internet_facing_in_every_zone() -> None:
    lb = balancing()
    inputs = lb.one(BALANCER).inputs
    assert inputs["loadBalancerType"] == "application"
    assert inputs["internal"] is False
    assert inputs["subnets"] == ["subnet-a", "subnet-b"]
    assert inputs["securityGroups"] == [lb.id_of(lb.one(SECURITY_GROUP))]


def test_an_internal_load_balancer_requests_no_certificate() -> None:
    lb = balancing(kind="internal", domain="app.example.com", hosts=("x.app.example.com",))
    assert lb.one(BALANCER).inputs["internal"] is True
    assert lb.of_type("aws:acm/certificate:Certificate") == []
    assert [each.inputs["port"] for each in lb.of_type(LISTENER)] == [80]
    lb = balancing(kind="internal", domain="app.example.com", certificate=CERTIFICATE)
    assert listener(lb, 443)["certificateArn"] == CERTIFICATE


def test_zonal_shift_is_enabled() -> None:
    assert balancing().one(BALANCER).inputs["enableZonalShift"] is True


def test_client_connections_end_within_minutes_after_a_zonal_shift() -> None:
    assert balancing().one(BALANCER).inputs["clientKeepAlive"] == 300


@pytest.mark.parametrize("protected", [True, False])
def test_deletion_protection_follows_the_stack_file(protected: bool) -> None:
    balancer = balancing(protected=protected).one(BALANCER)
    assert balancer.inputs["enableDeletionProtection"] is protected


def test_the_idle_timeout_is_that_of_the_stack_file() -> None:
    assert balancing(idleTimeoutSeconds=77).one(BALANCER).inputs["idleTimeout"] == 77


def test_reserved_capacity_is_that_of_the_stack_file() -> None:
    reserved = balancing(minimumCapacityUnits=500).one(BALANCER).inputs
    assert reserved["minimumLoadBalancerCapacity"] == {"capacityUnits": 500}
    assert "minimumLoadBalancerCapacity" not in balancing().one(BALANCER).inputs


def test_invalid_header_fields_are_dropped() -> None:
    assert balancing().one(BALANCER).inputs["dropInvalidHeaderFields"] is True


def test_urls_have_the_domain_and_https() -> None:
    lb = balancing(apps=APPS, domain="app.example.com", certificate=CERTIFICATE)
    assert lb.shown()["urls"] == {
        "web": "https://app.example.com/",
        "api": "https://app.example.com/api",
        "docs": "https://app.example.com/docs/v1",
    }


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_domain_urls_have_the_dns_name_of_the_load_balancer(scheme: str) -> None:
    certificate: dict[str, Any] = {"certificate": CERTIFICATE} if scheme == "https" else {}
    outputs = balancing(apps=APPS, **certificate).shown()
    assert outputs["dns_name"].endswith(".us-east-1.elb.amazonaws.com")
    assert outputs["urls"] == {
        "web": f"{scheme}://{outputs['dns_name']}/",
        "api": f"{scheme}://{outputs['dns_name']}/api",
        "docs": f"{scheme}://{outputs['dns_name']}/docs/v1",
    }


def test_pods_depend_on_the_controller_the_rules_and_their_listener() -> None:
    lb = balancing(apps=APPS)
    ready = {
        name: {tuple(urn.rpartition("$")[2].split("::")) for urn in urns}
        for name, urns in lb.shown()["ready"].items()
    }
    to_pods = {(EGRESS_RULE, "lb-to-pods-8080"), (INGRESS_RULE, "lb-into-pods-8080")}
    common = {(RELEASE, "lb-aws-load-balancer-controller"), *to_pods}
    assert ready["web"] == {(LISTENER, "lb-http"), *common}
    names = {each.inputs["actions"][0]["targetGroupArn"]: each.name for each in lb.of_type(RULE)}
    for name in ("api", "docs"):
        assert ready[name] == {(RULE, names[arn_of(lb, name)]), *common}


def test_the_outputs_have_the_dns_name_and_its_hosted_zone() -> None:
    outputs = balancing().shown()
    assert outputs["dns_name"]
    assert outputs["zone_id"].startswith("Z")
