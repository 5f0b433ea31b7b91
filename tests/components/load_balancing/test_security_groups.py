"""Security groups between clients, load balancer and pods."""

from typing import Any

from tests.components.deploy import REGION, Deployed
from tests.components.load_balancing.deployed_load_balancing import (
    BALANCER,
    CERTIFICATE,
    EGRESS_RULE,
    INGRESS_RULE,
    LISTENER,
    PODS,
    SECURITY_GROUP,
    app,
    balancing,
)
from tools.recording.made_up_outputs import digest


def rules_of(
    lb: Deployed, kind: str, security_group: str | None
) -> list[tuple[int, int, str | None]]:
    """Returns the ports and the peer of each rule of a security group."""
    return sorted(
        (rule["fromPort"], rule["toPort"], rule.get("referencedSecurityGroupId"))
        for rule in (each.inputs for each in lb.of_type(kind))
        if rule["securityGroupId"] == security_group and rule["ipProtocol"] == "tcp"
    )


def test_clients_reach_the_ports_of_listeners_only() -> None:
    cases: list[tuple[dict[str, Any], set[int]]] = [
        ({}, {80}),
        ({"certificate": CERTIFICATE}, {80, 443}),
    ]
    for changes, ports in cases:
        lb = balancing(**changes)
        own = lb.id_of(lb.one(SECURITY_GROUP))
        rules = [
            each.inputs
            for each in lb.of_type(INGRESS_RULE)
            if each.inputs["securityGroupId"] == own
        ]
        assert {rule["cidrIpv4"] for rule in rules} == {"0.0.0.0/0"}
        assert rules_of(lb, INGRESS_RULE, own) == [(port, port, None) for port in sorted(ports)]
        assert ports == {each.inputs["port"] for each in lb.of_type(LISTENER)}


def test_the_load_balancer_reaches_the_ports_of_exposed_apps_only() -> None:
    apps = {"web": app(), "api": app("/api", port=9090), "cache": app(None, port=6379)}
    lb = balancing(apps=apps)
    own = lb.id_of(lb.one(SECURITY_GROUP))
    assert rules_of(lb, EGRESS_RULE, own) == [(8080, 8080, PODS), (9090, 9090, PODS)]
    assert rules_of(lb, INGRESS_RULE, PODS) == [(8080, 8080, own), (9090, 9090, own)]


def test_apps_with_the_same_port_share_its_rules() -> None:
    lb = balancing(apps={"web": app(), "api": app("/api")})
    own = lb.id_of(lb.one(SECURITY_GROUP))
    assert rules_of(lb, EGRESS_RULE, own) == [(8080, 8080, PODS)], "AWS refuses duplicate rules"
    assert rules_of(lb, INGRESS_RULE, PODS) == [(8080, 8080, own)]


def test_the_security_group_is_in_the_vpc() -> None:
    group = balancing().one(SECURITY_GROUP).inputs
    assert group["vpcId"] == "vpc-1"
    assert "egress" not in group, "inline rules would conflict with rule resources"
    assert "ingress" not in group


CLOUDFRONT = "com.amazonaws.global.cloudfront.origin-facing"
CHECKERS = f"com.amazonaws.{REGION}.route53-healthchecks"


def sources(lb: Deployed) -> dict[str, list[tuple[str, float]]]:
    """Returns source and port of each rule of a security group, by name of the group."""
    groups = {lb.id_of(each): each.name for each in lb.of_type(SECURITY_GROUP)}
    found: dict[str, list[tuple[str, float]]] = {name: [] for name in groups.values()}
    for each in lb.of_type(INGRESS_RULE):
        rule: dict[str, Any] = each.inputs
        if rule["securityGroupId"] != PODS:
            source = next(
                rule[key] for key in ("cidrIpv4", "cidrIpv6", "prefixListId") if key in rule
            )
            found[groups[rule["securityGroupId"]]].append((source, rule["fromPort"]))
    return found


def test_only_clients_of_the_source_ranges_connect() -> None:
    lb = balancing(sourceRanges=("203.0.113.0/24", "2001:db8::/32"), certificate=CERTIFICATE)
    assert sources(lb) == {
        "lb": [(range_, port) for range_ in ("203.0.113.0/24", "2001:db8::/32")
               for port in (80, 443)]
    }  # fmt: skip


def test_a_dual_stack_load_balancer_accepts_all_ipv6_addresses() -> None:
    lb = balancing(ipAddressType="dualstack")
    assert lb.one(BALANCER).inputs["ipAddressType"] == "dualstack"
    assert sources(lb) == {"lb": [("0.0.0.0/0", 80), ("::/0", 80)]}
    ranges = balancing(ipAddressType="dualstack", sourceRanges=("203.0.113.0/24",))
    assert sources(ranges) == {"lb": [("203.0.113.0/24", 80)]}
    ipv4 = balancing().one(BALANCER).inputs["ipAddressType"]
    assert ipv4 == "ipv4", "a load balancer that was dual-stack would keep its IPv6 addresses"


def test_each_prefix_list_has_a_security_group() -> None:
    """The networks of CloudFront count as 55 of the 60 rules of a security group."""
    office = "pl-0123456789abcdef0"
    lb = balancing(sourcePrefixLists=(CLOUDFRONT, office), certificate=CERTIFICATE)
    assert sources(lb) == {
        "lb": [],
        f"lb-from-{CLOUDFRONT}": [(f"pl-{digest(CLOUDFRONT)}", 443)],
        f"lb-from-{office}": [(office, 443)],
    }
    assert lb.one(BALANCER).inputs["securityGroups"] == [
        lb.id_of(each) for each in lb.of_type(SECURITY_GROUP)
    ]


def test_without_a_certificate_prefix_lists_reach_http() -> None:
    assert sources(balancing(sourcePrefixLists=(CLOUDFRONT,)))[f"lb-from-{CLOUDFRONT}"] == [
        (f"pl-{digest(CLOUDFRONT)}", 80)
    ]


def test_route_53_checks_a_load_balancer_with_source_ranges() -> None:
    checked: dict[str, Any] = {"domain": "app.example.com", "health_paths": {"web": "/readyz"}}
    lb = balancing(sourceRanges=("203.0.113.0/24",), **checked)
    assert sources(lb)["lb-from-route53"] == [(f"pl-{digest(CHECKERS)}", 443)]
    assert [*sources(balancing(**checked))] == ["lb"], "all addresses include the checkers"
