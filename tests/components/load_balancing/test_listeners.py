"""Listeners and the rule of each app."""

from typing import Any

import pytest

from tests.components.load_balancing.deployed_load_balancing import (
    APPS,
    BALANCER,
    CERTIFICATE,
    LISTENER,
    RULE,
    app,
    arn_of,
    balancing,
    listener,
    rules,
)
from tests.shared_recordings import recorded
from tools.recording.record import ROOT


def test_without_a_certificate_the_only_listener_is_http() -> None:
    lb = balancing()
    only = lb.one(LISTENER).inputs
    assert (only["port"], only["protocol"]) == (80, "HTTP")
    assert not {"certificateArn", "sslPolicy"} & set(only)


def test_with_a_certificate_https_accepts_tls_1_2_and_1_3_only() -> None:
    https = listener(balancing(certificate=CERTIFICATE), 443)
    assert https["protocol"] == "HTTPS"
    assert https["certificateArn"] == CERTIFICATE
    assert https["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


def test_with_a_certificate_http_redirects_to_https() -> None:
    lb = balancing(certificate=CERTIFICATE)
    http = listener(lb, 80)
    assert http["protocol"] == "HTTP"
    assert http["defaultActions"] == [
        {
            "type": "redirect",
            "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
        }
    ]
    assert len(lb.of_type(LISTENER)) == 2


def test_the_listener_on_port_80_stays_when_https_is_turned_on_or_off() -> None:
    """AWS refuses a second listener on the port."""
    for changes in ({}, {"certificate": CERTIFICATE}):
        lb = balancing(**changes)
        assert {each.name: each.inputs["port"] for each in lb.of_type(LISTENER)}["lb-http"] == 80


def test_http_redirects_after_all_parts_that_serve_https() -> None:
    hosts = recorded("hosts", ROOT / "examples")
    [redirect] = [each for each in hosts.of_type(LISTENER) if each.name == "lb-http"]
    parts = [
        each
        for each in hosts.cloud_resources
        if each.name in {"lb-https", "lb-from-anywhere-443"} or each.type == RULE
    ]
    assert {each.type for each in parts} > {LISTENER, RULE}
    assert {each.urn for each in parts} <= {*hosts.before(redirect)}


@pytest.mark.parametrize("changes", [{}, {"certificate": CERTIFICATE}])
def test_listeners_and_rules_belong_to_the_load_balancer(changes: dict[str, Any]) -> None:
    lb = balancing(apps=APPS, **changes)
    balancer = lb.id_of(lb.one(BALANCER))
    assert {each.inputs["loadBalancerArn"] for each in lb.of_type(LISTENER)} == {balancer}
    serving = "lb-https" if changes else "lb-http"
    main = lb.id_of(lb.one(LISTENER, serving))
    assert {each.inputs["listenerArn"] for each in lb.of_type(RULE)} == {main}


def test_requests_that_no_app_receives_are_answered_with_status_404() -> None:
    lb = balancing(apps={"api": app("/api")})
    (action,) = listener(lb, 80)["defaultActions"]
    assert action["type"] == "fixed-response"
    assert action["fixedResponse"]["statusCode"] == "404"
    [rule] = lb.of_type("aws:lb/listenerRule:ListenerRule")
    assert rule.inputs["conditions"] == [{"pathPattern": {"values": ["/api", "/api/*"]}}]


@pytest.mark.parametrize("changes", [{}, {"certificate": CERTIFICATE}])
def test_the_app_at_the_root_is_the_default_of_the_listener(changes: dict[str, Any]) -> None:
    lb = balancing(apps={"api": app("/api"), "web": app()}, **changes)
    (action,) = listener(lb, 443 if changes else 80)["defaultActions"]
    assert action == {"type": "forward", "targetGroupArn": arn_of(lb, "web")}


def test_other_apps_have_a_rule_for_their_path_and_everything_below() -> None:
    lb = balancing(apps=APPS)
    for name, path in (("api", "/api"), ("docs", "/docs/v1")):
        [rule] = [
            rule for rule in rules(lb) if rule["actions"][0]["targetGroupArn"] == arn_of(lb, name)
        ]
        assert rule["conditions"] == [{"pathPattern": {"values": [path, f"{path}/*"]}}]
        assert rule["actions"] == [{"type": "forward", "targetGroupArn": arn_of(lb, name)}]
    assert len(lb.of_type(RULE)) == 2, "the app at the root needs no rule"
