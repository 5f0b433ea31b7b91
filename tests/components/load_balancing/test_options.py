"""Certificate, access logs, firewall and target groups of the load balancer."""

import json
from typing import Any

import pytest

from core.availability import health_checks as target_health
from core.iam import access_log_policy
from settings.load_balancing.load_balancing import Waf
from tests.components.deploy import Deployed
from tests.components.load_balancing.test_load_balancing import (
    BALANCER,
    CERTIFICATE,
    GROUP,
    LISTENER,
    app,
    arn_of,
    balancing,
    listener,
    target_group,
)

OWN = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
RECORD = "aws:route53/record:Record"
BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
DOMAIN = "app.example.com"
THEIRS = (
    "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/00000000-0000-0000-0000-000000000000"
)

# The certificate.


def test_a_domain_has_a_certificate_of_the_cell_s_own() -> None:
    lb = balancing(domain=DOMAIN)
    assert lb.one(OWN).inputs == {"domainName": DOMAIN, "validationMethod": "DNS"}
    https = listener(lb, 443)
    assert https["certificateArn"] == lb.id_of(lb.one(OWN))
    assert https["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert listener(lb, 80)["defaultActions"][0]["type"] == "redirect"
    assert lb.shown()["urls"] == {"web": f"https://{DOMAIN}/"}


def test_the_certificate_is_proved_by_the_record_that_acm_asks_for() -> None:
    lb = balancing(domain=DOMAIN)
    record = lb.one(RECORD).inputs
    assert record["zoneId"] == "Z0123456789"
    assert record["type"] == "CNAME"
    assert record["name"].endswith(f".{DOMAIN}.")
    (value,) = record["records"]
    assert value.endswith(".acm-validations.aws.")
    validation = lb.one(VALIDATION).inputs
    assert validation["certificateArn"] == lb.id_of(lb.one(OWN))
    assert validation["validationRecordFqdns"] == [record["name"]]


def test_the_record_that_proves_is_shared_by_all_cells_of_a_domain() -> None:
    assert balancing(domain=DOMAIN).one(RECORD).inputs["allowOverwrite"] is True


def test_a_certificate_that_is_given_is_taken_and_none_is_made() -> None:
    lb = balancing(domain=DOMAIN, certificate=CERTIFICATE)
    assert [lb.of_type(each) for each in (OWN, VALIDATION, RECORD)] == [[], [], []]
    assert listener(lb, 443)["certificateArn"] == CERTIFICATE


def test_without_a_domain_nothing_is_to_be_proved() -> None:
    lb = balancing()
    assert [lb.of_type(each) for each in (OWN, VALIDATION, RECORD)] == [[], [], []]
    assert [each.inputs["protocol"] for each in lb.of_type(LISTENER)] == ["HTTP"]


# Access logs.


@pytest.mark.parametrize(("given", "days"), [({}, 30), ({"accessLogDays": 7}, 7)])
def test_access_logs_are_kept_as_long_as_asked(given: dict[str, int], days: int) -> None:
    lb = balancing(**given)
    bucket = lb.id_of(lb.one(BUCKET))
    assert lb.one(BALANCER).inputs["accessLogs"] == {"bucket": bucket, "enabled": True}
    (rule,) = lb.one(LIFECYCLE).inputs["rules"]
    assert rule["status"] == "Enabled"
    assert rule["filter"] == {"prefix": ""}, "some would be kept for ever"
    assert rule["expiration"] == {"days": days}
    for type_ in (LIFECYCLE, POLICY, BLOCK, OWNERSHIP, ENCRYPTION):
        assert lb.one(type_).inputs["bucket"] == bucket


def test_without_access_logs_there_is_no_bucket_and_the_load_balancer_is_told() -> None:
    lb = balancing(accessLogDays=0)
    assert [each.typ for each in lb.all if each.typ.startswith("aws:s3")] == []
    logs = lb.one(BALANCER).inputs["accessLogs"]
    assert logs == {"bucket": "", "enabled": False}, "the provider leaves on what is not stated"


def test_the_bucket_is_nobody_else_s_and_encrypted_with_what_load_balancers_can() -> None:
    lb = balancing()
    block = lb.one(BLOCK).inputs
    assert {key: value for key, value in block.items() if key != "bucket"} == {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert lb.one(OWNERSHIP).inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    (rule,) = lb.one(ENCRYPTION).inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_load_balancers_of_the_account_write_there_and_all_only_over_tls() -> None:
    lb = balancing()
    bucket = f"arn:aws:s3:::{lb.id_of(lb.one(BUCKET))}"
    policy = json.loads(lb.one(POLICY).inputs["policy"])
    everything, logs = f"{bucket}/*", f"{bucket}/AWSLogs/123456789012/*"
    assert policy == access_log_policy(bucket, everything, logs)
    deny, write = policy["Statement"]
    assert (deny["Effect"], deny["Principal"], deny["Action"]) == ("Deny", "*", "s3:*")
    assert deny["Resource"] == [bucket, everything]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert write == {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": logs,
    }


@pytest.mark.parametrize("protected", [True, False])
def test_logs_go_with_the_cell_once_it_is_not_protected(protected: bool) -> None:
    lb = balancing(deletionProtection=protected)
    assert lb.one(BUCKET).inputs["forceDestroy"] is not protected


# The firewall.


def rules_of(lb: Deployed) -> list[dict[str, Any]]:
    """Rules in the order in which they are asked."""
    return sorted(lb.one(WEB_ACL).inputs["rules"], key=lambda rule: rule["priority"])


def test_without_a_firewall_there_is_none() -> None:
    lb = balancing()
    assert lb.of_type(WEB_ACL) == lb.of_type(ASSOCIATION) == []
    assert lb.one(BALANCER).inputs["enableWafFailOpen"] is False


@pytest.mark.parametrize("waf", [{}, {"webAcl": THEIRS}], ids=["own", "theirs"])
def test_when_the_firewall_does_not_answer_people_are_served(waf: dict[str, str]) -> None:
    lb = balancing(waf=waf)
    assert lb.one(BALANCER).inputs["enableWafFailOpen"] is True
    assert lb.one(ASSOCIATION).inputs["resourceArn"] == lb.id_of(lb.one(BALANCER))


def test_a_firewall_that_is_there_is_put_before_the_load_balancer_as_it_is() -> None:
    lb = balancing(waf={"webAcl": THEIRS})
    assert lb.of_type(WEB_ACL) == []
    assert lb.one(ASSOCIATION).inputs["webAclArn"] == THEIRS


def test_a_firewall_of_the_cell_s_own_lets_through_what_no_group_of_aws_s_blocks() -> None:
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
    assert [rule["overrideAction"] for rule in rules_of(lb)] == [{"none": {}}] * 3, "only counted"


def test_bodies_over_8_kb_are_counted_and_let_through() -> None:
    overrides = {
        group["name"]: group.get("ruleActionOverrides") or []
        for group in (
            rule["statement"]["managedRuleGroupStatement"] for rule in rules_of(balancing(waf={}))
        )
    }
    (override,) = overrides.pop("AWSManagedRulesCommonRuleSet")
    assert override == {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
    assert not any(overrides.values()), "nobody asked for it"


def test_an_address_that_asks_too_much_is_blocked_until_it_asks_less() -> None:
    *_, rate = rules_of(balancing(waf={"requestsPerFiveMinutes": 700}))
    assert rate["action"] == {"block": {}}
    assert rate["statement"] == {
        "rateBasedStatement": {"aggregateKeyType": "IP", "evaluationWindowSec": 300, "limit": 700}
    }


def test_route_53_s_checks_count_for_no_bound_and_pass_no_group_unseen() -> None:
    paths = {"web": "/readyz", "api": "/api/ready"}
    waf = {"requestsPerFiveMinutes": 10}
    names = [rule["name"] for rule in rules_of(balancing(waf=waf, health_paths=paths))]
    *groups, first, second, last = rules_of(balancing(waf=waf, health_paths=paths))
    assert len(set(names)) == len(names), "AWS refuses two rules of one name"
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


def test_nobody_is_let_through_for_health_checks_that_there_are_not() -> None:
    assert len(rules_of(balancing(waf={"requestsPerFiveMinutes": 10}))) == 4
    assert len(rules_of(balancing(waf={}, health_paths={"web": "/readyz"}))) == 3


def test_every_rule_of_the_firewall_is_seen_in_metrics() -> None:
    lb = balancing(waf={"requestsPerFiveMinutes": 10}, health_paths={"web": "/readyz"})
    seen = [*rules_of(lb), lb.one(WEB_ACL).inputs]
    for each in seen:
        assert each["visibilityConfig"]["cloudwatchMetricsEnabled"] is True
    assert len({each["visibilityConfig"]["metricName"] for each in seen}) == len(seen)


def test_the_settings_of_a_firewall_are_all_used() -> None:
    assert set(Waf.model_fields) == {"web_acl", "requests_per_five_minutes"}


# Target groups.


@pytest.mark.parametrize(
    ("expose", "algorithm", "slow"),
    [
        ({}, "round_robin", 0),
        ({"slowStartSeconds": 60}, "round_robin", 60),
        ({"algorithm": "leastOutstandingRequests"}, "least_outstanding_requests", 0),
    ],
)
def test_requests_are_shared_out_as_asked(
    expose: dict[str, Any], algorithm: str, slow: int
) -> None:
    group = target_group(expose=expose)
    assert group["loadBalancingAlgorithmType"] == algorithm
    assert group["slowStart"] == slow


def test_every_zone_s_requests_go_to_the_pods_of_all_zones() -> None:
    assert target_group()["loadBalancingCrossZoneEnabled"] == "true", (
        "a zone with fewer pods would have its share with fewer"
    )


def test_the_loss_of_a_zone_makes_no_group_count_as_lost() -> None:
    health = target_group()["targetGroupHealth"]
    assert health["dnsFailover"] == {"minimumHealthyTargetsCount": "1"}
    assert health["unhealthyStateRouting"] == {"minimumHealthyTargetsCount": 1}


def test_the_health_check_s_figures_are_those_that_the_arithmetic_has() -> None:
    """And within AWS's bounds:
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


def test_each_app_has_its_own_way_of_sharing_out() -> None:
    lb = balancing(apps={"web": app(), "api": app("/api", expose={"slowStartSeconds": 30})})
    slow = {each.name: each.inputs["slowStart"] for each in lb.of_type(GROUP)}
    assert slow == {"lb-web": 0, "lb-api": 30}
    assert arn_of(lb, "web") != arn_of(lb, "api")
