"""Certificate, access logs, web ACL and target groups of the load balancer."""

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

NEW_CERTIFICATE = "aws:acm/certificate:Certificate"
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
EXISTING = (
    "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/00000000-0000-0000-0000-000000000000"
)

# The certificate.


def test_a_domain_has_a_new_certificate() -> None:
    lb = balancing(domain=DOMAIN)
    assert lb.one(NEW_CERTIFICATE).inputs == {"domainName": DOMAIN, "validationMethod": "DNS"}
    https = listener(lb, 443)
    assert https["certificateArn"] == lb.id_of(lb.one(NEW_CERTIFICATE))
    assert https["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert listener(lb, 80)["defaultActions"][0]["type"] == "redirect"
    assert lb.shown()["urls"] == {"web": f"https://{DOMAIN}/"}


def test_a_dns_record_validates_the_certificate() -> None:
    lb = balancing(domain=DOMAIN)
    record = lb.one(RECORD).inputs
    assert record["zoneId"] == "Z0123456789"
    assert record["type"] == "CNAME"
    assert record["name"].endswith(f".{DOMAIN}.")
    (value,) = record["records"]
    assert value.endswith(".acm-validations.aws.")
    validation = lb.one(VALIDATION).inputs
    assert validation["certificateArn"] == lb.id_of(lb.one(NEW_CERTIFICATE))
    assert validation["validationRecordFqdns"] == [record["name"]]


def test_cells_of_a_domain_share_the_validation_record() -> None:
    assert balancing(domain=DOMAIN).one(RECORD).inputs["allowOverwrite"] is True


def test_an_existing_certificate_is_used() -> None:
    lb = balancing(domain=DOMAIN, certificate=CERTIFICATE)
    assert [lb.of_type(each) for each in (NEW_CERTIFICATE, VALIDATION, RECORD)] == [[], [], []]
    assert listener(lb, 443)["certificateArn"] == CERTIFICATE


def test_without_a_domain_there_is_no_validation_record() -> None:
    lb = balancing()
    assert [lb.of_type(each) for each in (NEW_CERTIFICATE, VALIDATION, RECORD)] == [[], [], []]
    assert [each.inputs["protocol"] for each in lb.of_type(LISTENER)] == ["HTTP"]


# Access logs.


@pytest.mark.parametrize(("changes", "days"), [({}, 30), ({"accessLogDays": 7}, 7)])
def test_access_logs_have_the_retention_of_the_stack_file(
    changes: dict[str, int], days: int
) -> None:
    lb = balancing(**changes)
    bucket = lb.id_of(lb.one(BUCKET))
    assert lb.one(BALANCER).inputs["accessLogs"] == {"bucket": bucket, "enabled": True}
    (rule,) = lb.one(LIFECYCLE).inputs["rules"]
    assert rule["status"] == "Enabled"
    assert rule["filter"] == {"prefix": ""}, "some logs would never expire"
    assert rule["expiration"] == {"days": days}
    for type_ in (LIFECYCLE, POLICY, BLOCK, OWNERSHIP, ENCRYPTION):
        assert lb.one(type_).inputs["bucket"] == bucket


def test_without_access_logs_the_load_balancer_disables_them() -> None:
    lb = balancing(accessLogDays=0)
    assert [each.typ for each in lb.all if each.typ.startswith("aws:s3")] == []
    logs = lb.one(BALANCER).inputs["accessLogs"]
    assert logs == {"bucket": "", "enabled": False}, (
        "an absent setting would leave earlier access logs enabled"
    )


def test_the_bucket_is_private_and_encrypted_without_a_kms_key() -> None:
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


def test_only_load_balancers_of_the_account_can_write_and_only_over_tls() -> None:
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
def test_logs_are_deleted_with_an_unprotected_cell(protected: bool) -> None:
    lb = balancing(protected=protected)
    assert lb.one(BUCKET).inputs["forceDestroy"] is not protected


# The firewall.


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
    overrides = {
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


# Target groups.


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
