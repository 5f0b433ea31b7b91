"""Web ACL of the load balancer."""

from typing import Any

import pytest

from settings.load_balancing.load_balancing import Waf
from tests.components.deploy import Deployed
from tests.components.load_balancing.deployed_load_balancing import BALANCER, app, balancing

WEB_ACL = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
EXISTING = (
    "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/00000000-0000-0000-0000-000000000000"
)


def rules_of(lb: Deployed) -> list[dict[str, Any]]:
    """Returns the rules in the order of their priority."""
    return sorted(lb.one(WEB_ACL).inputs["rules"], key=lambda rule: rule["priority"])


def test_there_is_no_web_acl_by_default() -> None:
    lb = balancing()
    assert lb.of_type(WEB_ACL) == lb.of_type(ASSOCIATION) == []
    assert lb.one(BALANCER).inputs["enableWafFailOpen"] is False


@pytest.mark.parametrize("waf", [{}, {"webAcl": EXISTING}], ids=["new", "existing"])
def test_the_load_balancer_fails_open_if_waf_does_not_answer(waf: dict[str, str]) -> None:
    lb = balancing(waf=waf)
    assert lb.one(BALANCER).inputs["enableWafFailOpen"] is True
    assert lb.one(ASSOCIATION).inputs["resourceArn"] == lb.id_of(lb.one(BALANCER))


def test_an_existing_web_acl_is_associated() -> None:
    lb = balancing(waf={"webAcl": EXISTING})
    assert lb.of_type(WEB_ACL) == []
    assert lb.one(ASSOCIATION).inputs["webAclArn"] == EXISTING


def test_a_new_web_acl_has_managed_rules_and_allows_by_default() -> None:
    lb = balancing(waf={})
    acl = lb.one(WEB_ACL)
    assert acl.inputs["scope"] == "REGIONAL"
    assert acl.inputs["defaultAction"] == {"allow": {}}
    assert lb.id_of(acl) in lb.one(ASSOCIATION).inputs["webAclArn"]
    groups = [rule["statement"]["managedRuleGroupStatement"] for rule in rules_of(lb)]
    assert {group["name"] for group in groups} == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    }
    assert {group["vendorName"] for group in groups} == {"AWS"}
    assert [rule["overrideAction"] for rule in rules_of(lb)] == [{"none": {}}] * 3, (
        "the managed rules would only count"
    )


def test_bodies_over_8_kb_are_counted_but_not_blocked() -> None:
    overrides: dict[str, list[Any]] = {
        group["name"]: group.get("ruleActionOverrides") or []
        for group in (
            rule["statement"]["managedRuleGroupStatement"] for rule in rules_of(balancing(waf={}))
        )
    }
    (override,) = overrides.pop("AWSManagedRulesCommonRuleSet")
    assert override == {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
    assert not any(overrides.values()), "another managed rule would not block"


def test_an_address_above_the_rate_limit_is_blocked() -> None:
    *_, rate = rules_of(balancing(waf={"requestsPerFiveMinutes": 700}))
    assert rate["action"] == {"block": {}}
    assert rate["statement"] == {
        "rateBasedStatement": {"aggregateKeyType": "IP", "evaluationWindowSec": 300, "limit": 700}
    }


def test_health_checks_pass_the_managed_rules_and_skip_the_rate_limit() -> None:
    paths = {"web": "/readyz", "api": "/api/ready"}
    waf = {"requestsPerFiveMinutes": 10}
    apps = {"web": app(), "api": app("/api")}
    found = rules_of(balancing(apps=apps, waf=waf, health_paths=paths))
    names = [rule["name"] for rule in found]
    *groups, first, second, last = found
    assert len(set(names)) == len(names), "AWS refuses two rules with one name"
    assert all("managedRuleGroupStatement" in rule["statement"] for rule in groups)
    assert last["name"] == "rate"
    seen: set[str] = set()
    for rule in (first, second):
        assert rule["action"] == {"allow": {}}
        (agent, path) = (
            each["byteMatchStatement"] for each in rule["statement"]["andStatement"]["statements"]
        )
        assert agent["fieldToMatch"] == {"singleHeader": {"name": "user-agent"}}
        assert agent["positionalConstraint"] == "STARTS_WITH"
        assert agent["searchString"] == "Amazon-Route53-Health-Check-Service"
        assert (path["fieldToMatch"], path["positionalConstraint"]) == ({"uriPath": {}}, "EXACTLY")
        seen.add(path["searchString"])
    assert seen == {"/readyz", "/api/ready"}


def test_without_health_checks_no_rule_allows_them() -> None:
    assert len(rules_of(balancing(waf={"requestsPerFiveMinutes": 10}))) == 4
    assert len(rules_of(balancing(waf={}, health_paths={"web": "/readyz"}))) == 3


def test_every_rule_of_the_web_acl_has_metrics() -> None:
    lb = balancing(waf={"requestsPerFiveMinutes": 10}, health_paths={"web": "/readyz"})
    seen = [*rules_of(lb), lb.one(WEB_ACL).inputs]
    for each in seen:
        assert each["visibilityConfig"]["cloudwatchMetricsEnabled"] is True
    assert len({each["visibilityConfig"]["metricName"] for each in seen}) == len(seen)


def test_the_web_acl_uses_all_its_settings() -> None:
    assert set(Waf.model_fields) == {"web_acl", "requests_per_five_minutes"}
