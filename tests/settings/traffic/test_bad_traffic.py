"""What people are told of load balancer, traffic, autoscaling, observability and tainted pools."""

from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from tests.settings.stack_files import (
    ABSENT,
    APPS,
    AUTOSCALING,
    LOAD_BALANCING,
    OBSERVABILITY,
    POOLS,
    TRAFFIC,
    WEB,
    Case,
    Change,
    accepted,
    assert_one,
    assert_problem,
    changed,
    config_of,
    every_stack,
    fragment,
    missing,
    pool,
    put,
    put_in,
    refused,
    unknown,
)

CERTIFICATE, DOMAIN = (LOAD_BALANCING, "certificate"), (TRAFFIC, "domain")
WAF = (LOAD_BALANCING, "waf")
WEB_ACL = (*WAF, "webAcl")
HOSTED_ZONE, POLICY = (TRAFFIC, "hostedZoneId"), (TRAFFIC, "policy")
ROLE, WEIGHT = (TRAFFIC, "role"), (TRAFFIC, "weight")
PROVISION, RETENTION = "nodeProvisionMinutes", "logRetentionDays"

ARN, NAME, ZONE_ID = "the ARN of an ACM certificate", "in lower case", "Route 53 hosted zone"
FAILOVER = {"policy": "failover", "role": "primary"}
WEIGHTED = {"policy": "weighted", "weight": 1}
LATENCY = {"policy": "latency"}


def certificate(region: str) -> str:
    return f"arn:aws:acm:{region}:123456789012:certificate/0-1"


def web_acl(region: str) -> str:
    acl = "regional/webacl/mine/01234567-89ab-cdef-0123-456789abcdef"
    return f"arn:aws:wafv2:{region}:123456789012:{acl}"


def served(stack: str, **policy: object) -> list[Change]:
    """Changes by which any shipped cell serves a domain."""
    own = certificate(config_of(stack)["aws:region"])
    return [
        ((LOAD_BALANCING,), {"certificate": own, "waf": {}}),
        ((TRAFFIC,), {"domain": "app.example.com", "hostedZoneId": "Z0123456789", **policy}),
    ]


ONE_CHANGE: dict[str, Case] = {
    "a certificate by name": put(CERTIFICATE, "mine", fragment(ARN)),
    "a certificate of nothing": put(CERTIFICATE, "", fragment(ARN)),
    "a certificate of IAM": put(
        CERTIFICATE, "arn:aws:iam::123456789012:server-certificate/mine", fragment(ARN)
    ),
    "the ARN of another service": put(
        CERTIFICATE, certificate("us-east-1").replace(":acm:", ":iam:"), fragment(ARN)
    ),
    "a certificate of a short account": put(
        CERTIFICATE, "arn:aws:acm:us-east-1:12345678901:certificate/0-1", fragment(ARN)
    ),
    "a certificate without its id": put(CERTIFICATE, certificate("us-east-1")[:-3], fragment(ARN)),
    "a certificate with a line break": put(
        CERTIFICATE, certificate("us-east-1") + "\n", fragment(ARN),
    ),
    "a certificate of another region": put(
        CERTIFICATE, certificate("eu-central-1"), fragment("a certificate of aws:region us-")
    ),
    "an idle timeout of 1": put(
        (LOAD_BALANCING, "idleTimeoutSeconds"), 1, "must be between 2 and 3599, not 1"
    ),
    "an idle timeout of 3600": put(
        (LOAD_BALANCING, "idleTimeoutSeconds"), 3600, "must be between 2 and 3599, not 3600"
    ),
    "deletion protection in words": put(
        (LOAD_BALANCING, "deletionProtection"), "no", 'must be true or false, not "no"',
    ),
    "logs for less than a day": put(
        (LOAD_BALANCING, "accessLogDays"), -1, "must be between 0 and 3650, not -1",
    ),
    "logs for eleven years": put(
        (LOAD_BALANCING, "accessLogDays"), 3651, "must be between 0 and 3650, not 3651",
    ),
    "a web ACL by name": put(WEB_ACL, "mine", fragment("of a regional web ACL")),
    "a web ACL of CloudFront": put(
        WEB_ACL, web_acl("us-east-1").replace("regional", "global"),
        fragment("of a regional web ACL"),
    ),
    "a web ACL of another region": put(
        WEB_ACL, web_acl("eu-central-1"), fragment("a web ACL of aws:region us-")
    ),
    "too few requests": put(
        (*WAF, "requestsPerFiveMinutes"), 9, "must be between 10 and 2000000000, not 9",
    ),

    "no domain": missing(DOMAIN),
    "no hosted zone": missing(HOSTED_ZONE),
    "no policy": missing(POLICY),
    "a domain in upper case": put(DOMAIN, "App.example.com", fragment(NAME)),
    "a domain without a dot": put(DOMAIN, "localhost", fragment(NAME)),
    "a domain with a dot at its end": put(DOMAIN, "app.example.com.", fragment(NAME)),
    "a domain with two dots in a row": put(DOMAIN, "app..example.com", fragment(NAME)),
    "a domain with a scheme": put(DOMAIN, "https://app.example.com", fragment(NAME)),
    "a domain with a wildcard": put(DOMAIN, "*.example.com", fragment(NAME)),
    "a domain with _": put(DOMAIN, "my_app.example.com", fragment(NAME)),
    "a domain with a part that begins with -": put(DOMAIN, "-app.example.com", fragment(NAME)),
    "a domain with a part that ends with -": put(DOMAIN, "app-.example.com", fragment(NAME)),
    "a domain with a part of 64": put(DOMAIN, "a" * 64 + ".example.com", fragment(NAME)),
    "a domain of 254": put(DOMAIN, "a." * 125 + "info", fragment(NAME)),
    "a domain that is an address": put(DOMAIN, "203.0.113.7", fragment(NAME)),
    "a hosted zone by name": put(HOSTED_ZONE, "example.com", fragment(ZONE_ID)),
    "a hosted zone in lower case": put(HOSTED_ZONE, "z0123456789", fragment(ZONE_ID)),
    "a hosted zone with its path": put(HOSTED_ZONE, "/hostedzone/Z0123456789", fragment(ZONE_ID)),
    "a hosted zone of 33": put(HOSTED_ZONE, "Z" * 33, fragment(ZONE_ID)),
    "a hosted zone of Z": put(HOSTED_ZONE, "Z", fragment(ZONE_ID)),
    "an unknown policy": put(
        POLICY, "geolocation", 'must be one of failover, weighted, latency, not "geolocation"',
    ),
    "an unknown role": put(ROLE, "standby", 'must be one of primary, secondary, not "standby"'),
    "a weight of 256": put(WEIGHT, 256, "must be between 0 and 255, not 256"),
    "a weight below 0": put(WEIGHT, -1, "must be between 0 and 255, not -1"),
    "a weight in quotes": put(WEIGHT, "1", 'must be a whole number, not "1"'),
    "drained in words": put((TRAFFIC, "drained"), "true", 'must be true or false, not "true"'),
    "an unknown key in traffic": unknown((TRAFFIC, "polcy"), "policy"),
    "failover without role": (
        ROLE, ABSENT, f"{TRAFFIC}.role", None, fragment("primary or secondary"),
    ),
    "failover with weight": put(WEIGHT, 1, "nothing: policy failover has no weight"),
    "failover with a weight of 0": put(WEIGHT, 0, "nothing: policy failover has no weight"),

    "nodes within 3 minutes": put_in(
        (AUTOSCALING,), PROVISION, 3, "must be between 4 and 14, not 3",
    ),
    "nodes after 15 minutes": put_in(
        (AUTOSCALING,), PROVISION, 15, "must be between 4 and 14, not 15",
    ),
    "an unknown expander": put_in(
        (AUTOSCALING,), "expander", "price", 'must be one of least-waste, priority, not "price"',
    ),
    "an expander that nothing is for": put_in(
        (AUTOSCALING,), "expander", "priority", fragment("no pool is SPOT")
    ),
    "a descheduler in words": put_in(
        (AUTOSCALING,), "descheduler", "true", 'must be true or false, not "true"',
    ),
    "logs for 8 days": put_in(
        (OBSERVABILITY,), RETENTION, 8,
        "must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, "
        "1827, 2192, 2557, 2922, 3288, 3653, not 8",
    ),
    "logs for ever": put_in(
        (OBSERVABILITY,), RETENTION, 0,
        'must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, '
        '1827, 2192, 2557, 2922, 3288, 3653, not 0',
    ),

    "NO_SCHEDULE on all pools": (
        (POOLS, "general", "taints"), [{"key": "for"}],
        POOLS, ANY, fragment("NO_SCHEDULE and NO_EXECUTE taints: DNS, autoscaler"),
    ),
    "NO_EXECUTE on all pools": (
        (POOLS, "general", "taints"), [{"key": "for", "effect": "NO_EXECUTE"}],
        POOLS, ANY, fragment("NO_SCHEDULE and NO_EXECUTE taints: DNS, autoscaler"),
    ),
    "two taints on all pools": (
        (POOLS, "general", "taints"),
        [{"key": "for", "effect": "PREFER_NO_SCHEDULE"}, {"key": "for"}],
        POOLS, ANY, fragment("NO_SCHEDULE and NO_EXECUTE taints: DNS, autoscaler"),
    ),
    "the taint of another spelling": (
        (POOLS, "general", "taints"), [{"key": "for", "effect": "NoSchedule"}],
        f"{POOLS}.general.taints[0].effect", "NoSchedule",
        'must be one of NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE, not "NoSchedule"',
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem_with_key_value_and_what_is_allowed(
    tmp_path: Path, stack: str, case: str
):
    path, new, key, value, word = ONE_CHANGE[case]

    text = changed(stack, *served(stack, **FAILOVER), (path, new))

    assert_one(refused(tmp_path, stack, text), key, value, word)


@every_stack
@pytest.mark.parametrize("policy", [FAILOVER, WEIGHTED, LATENCY])
def test_each_policy_is_taken_with_what_it_needs(
    tmp_path: Path, stack: str, policy: dict[str, object]
):
    traffic = accepted(tmp_path, stack, *served(stack, **policy)).traffic

    assert traffic is not None
    assert (traffic.domain, traffic.hosted_zone_id) == ("app.example.com", "Z0123456789")
    assert traffic.drained is False
    assert traffic.model_dump(include={"policy", "role", "weight"}, exclude_none=True) == policy


@every_stack
@pytest.mark.parametrize(
    ("policy", "key", "value", "word"),
    [
        ({"policy": "failover"}, "role", None, "primary or secondary: policy failover needs it"),
        ({"policy": "weighted"}, "weight", None, "0 to 255: policy weighted needs it"),
        (
            {**WEIGHTED, "role": "primary"},
            "role",
            "primary",
            fragment("policy weighted has no role"),
        ),
        (
            {**LATENCY, "role": "secondary"},
            "role",
            "secondary",
            fragment("policy latency has no role"),
        ),
        ({**LATENCY, "weight": 0}, "weight", 0, fragment("policy latency has no weight")),
        ({**FAILOVER, "weight": 1}, "weight", 1, fragment("policy failover has no weight")),
    ],
)
def test_a_policy_has_its_own_and_nothing_else(
    tmp_path: Path, stack: str, policy: dict[str, object], key: str, value: object, word: str
):
    problems = refused(tmp_path, stack, changed(stack, *served(stack, **policy)))

    assert_one(problems, f"{TRAFFIC}.{key}", value, word)


@every_stack
def test_a_policy_that_has_the_other_policys_own_is_told_of_both(tmp_path: Path, stack: str):
    policy = {"policy": "weighted", "role": "primary"}

    problems = refused(tmp_path, stack, changed(stack, *served(stack, **policy)))

    assert [p.key for p in problems] == [f"{TRAFFIC}.role", f"{TRAFFIC}.weight"]


ALLOWED: dict[str, list[Change]] = {
    "a domain of two parts": [(DOMAIN, "example.com")],
    "a domain of many parts": [(DOMAIN, "a.b-c.d1.example.museum")],
    "a domain with a part of 63": [(DOMAIN, "a" * 63 + ".example.com")],
    "a domain of 253": [(DOMAIN, "a." * 125 + "com")],
    "a hosted zone of 2": [(HOSTED_ZONE, "Z1")],
    "a hosted zone of 32": [(HOSTED_ZONE, "Z" * 32)],
    "the other role": [(ROLE, "secondary")],
    "a weight of 0": [(POLICY, "weighted"), (ROLE, ABSENT), (WEIGHT, 0)],
    "a weight of 255": [(POLICY, "weighted"), (ROLE, ABSENT), (WEIGHT, 255)],
    "a cell that is drained": [((TRAFFIC, "drained"), True)],
    "a certificate without a domain": [((TRAFFIC,), ABSENT)],
    "a domain without a certificate": [(CERTIFICATE, ABSENT)],
    "no access logs": [((LOAD_BALANCING, "accessLogDays"), 0)],
    "a firewall with a bound": [(WAF, {"requestsPerFiveMinutes": 10})],
    "no firewall": [(WAF, None)],
    "nodes within 4 minutes": [((AUTOSCALING,), {PROVISION: 4})],
    "nodes within 14 minutes": [((AUTOSCALING,), {PROVISION: 14, "descheduler": False})],
    "logs for ten years": [((OBSERVABILITY,), {RETENTION: 3653})],
    "a short idle timeout": [((LOAD_BALANCING, "idleTimeoutSeconds"), 16)],
    "a long idle timeout": [
        ((LOAD_BALANCING, "idleTimeoutSeconds"), 3599),
        ((*WEB, "expose"), {"path": "/", "keepAliveSeconds": 3600}),
    ],
    "PREFER_NO_SCHEDULE on all pools": [
        ((POOLS, "general", "taints"), [{"key": "for", "effect": "PREFER_NO_SCHEDULE"}]),
    ],
    "taints on other pools": [
        ((POOLS, "batch"), pool(1, "NO_SCHEDULE")), ((POOLS, "gpu"), pool(1, "NO_EXECUTE")),
    ],
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ALLOWED)
def test_what_is_allowed_is_taken(tmp_path: Path, stack: str, case: str):
    accepted(tmp_path, stack, *served(stack, **FAILOVER), *ALLOWED[case])


@every_stack
def test_a_pool_that_takes_the_system_is_asked_for_once(tmp_path: Path, stack: str):
    text = changed(
        stack,
        ((POOLS, "general"), pool(4, "NO_SCHEDULE")),
        ((POOLS, "batch"), pool(1, "NO_EXECUTE")),
    )

    problems = refused(tmp_path, stack, text)

    assert_one(problems, POOLS, ANY, fragment("one pool without NO_SCHEDULE"))


@every_stack
@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_a_certificate_may_be_of_any_partition(tmp_path: Path, stack: str, partition: str):
    arn = certificate(config_of(stack)["aws:region"]).replace("arn:aws:", f"arn:{partition}:")

    settings = accepted(tmp_path, stack, ((LOAD_BALANCING,), {"certificate": arn}))

    assert settings.load_balancing.certificate_region == config_of(stack)["aws:region"]


@every_stack
def test_a_web_acl_that_is_there_has_its_own_rules(tmp_path: Path, stack: str):
    own = web_acl(config_of(stack)["aws:region"])
    both = {"webAcl": own, "requestsPerFiveMinutes": 10}

    problems = refused(tmp_path, stack, changed(stack, ((LOAD_BALANCING,), {"waf": both})))

    key = f"{LOAD_BALANCING}.waf.requestsPerFiveMinutes"
    assert_one(problems, key, 10, fragment("the rules of webAcl are its own"))
    accepted(tmp_path, stack, ((LOAD_BALANCING,), {"waf": {"webAcl": own}}))


@every_stack
@pytest.mark.parametrize("traffic", [{}, None], ids=["empty", "without a value"])
def test_traffic_of_nothing_is_none(tmp_path: Path, stack: str, traffic: Any):
    assert accepted(tmp_path, stack, ((TRAFFIC,), traffic)).traffic is None


@every_stack
@pytest.mark.parametrize("value", [[], "", False, 0], ids=repr)
def test_traffic_of_something_else_is_refused(tmp_path: Path, stack: str, value: object):
    problems = refused(tmp_path, stack, changed(stack, ((TRAFFIC,), value)))

    shown = {"[]": "a list", "''": '""', "False": "false", "0": "0"}[repr(value)]
    assert_problem(problems, TRAFFIC, value, f"must be a mapping, not {shown}")


@every_stack
@pytest.mark.parametrize("given", ["absent", "empty", "without a value"])
def test_a_section_that_may_be_absent_gets_its_defaults(tmp_path: Path, stack: str, given: str):
    there = config_of(stack)
    sections = (LOAD_BALANCING, AUTOSCALING, OBSERVABILITY, TRAFFIC)
    changes: list[Change] = [
        ((section,), {} if given == "empty" else None)
        for section in sections
        if given != "absent"
    ] or [((section,), ABSENT) for section in sections if section in there]  # fmt: skip

    settings = accepted(tmp_path, stack, *changes)

    assert settings.load_balancing.model_dump() == {
        "certificate": None,
        "idle_timeout_seconds": 50,
        "deletion_protection": True,
        "access_log_days": 30,
        "waf": None,
    }
    assert settings.autoscaling.model_dump() == {
        "expander": "least-waste",
        "node_provision_minutes": 10,
        "version": None,
        "descheduler": True,
    }
    assert settings.observability.model_dump() == {
        "log_retention_days": 30,
        "archive": None,
        "agent": {"cpu": "250m", "memory": "512Mi"},
        "traces": {"sampled_percent": 5},
        "alarms": {"subscriptions": (), "runbooks": "docs"},
    }
    assert settings.traffic is None


@every_stack
def test_broken_rules_of_several_sections_come_in_one_go(tmp_path: Path, stack: str):
    text = changed(
        stack,
        *served(stack, policy="failover", weight=1),
        (CERTIFICATE, certificate("eu-central-1")),
        ((*WEB, "expose"), ABSENT),
        ((POOLS, "general", "taints"), [{"key": "for"}]),
    )

    assert [p.key for p in refused(tmp_path, stack, text)] == [
        POOLS,
        APPS,
        f"{LOAD_BALANCING}.certificate",
        f"{TRAFFIC}.role",
        f"{TRAFFIC}.weight",
    ]
