"""Tests of ha-eks:loadBalancing: certificate, AWS WAF, timeouts and access logs."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    LOAD_BALANCING,
    PER_ZONE,
    STACKS,
    TRAFFIC,
    WEB,
    Case,
    Change,
    accepted,
    app,
    assert_problem,
    cautions_of,
    changed,
    config_of,
    every_stack,
    put,
    refused,
    unknown,
)

CERTIFICATE = (LOAD_BALANCING, "certificate")
WAF = (LOAD_BALANCING, "waf")
WEB_ACL = (*WAF, "webAcl")
REGIONS = {stack: config_of(stack)["aws:region"] for stack in STACKS}


def certificate(region: str) -> str:
    return f"arn:aws:acm:{region}:123456789012:certificate/0-1"


def web_acl(region: str) -> str:
    acl = "regional/webacl/mine/01234567-89ab-cdef-0123-456789abcdef"
    return f"arn:aws:wafv2:{region}:123456789012:{acl}"


def encrypted(stack: str) -> list[Change]:
    """Returns changes that add a certificate and a web ACL to the load balancer of a stack."""
    return [((LOAD_BALANCING,), {"certificate": certificate(REGIONS[stack]), "waf": {}})]


def bad_certificate(value: str) -> Case:
    return put(
        CERTIFICATE,
        value,
        "must be the ARN of an ACM certificate, such as "
        "arn:aws:acm:us-east-1:123456789012:certificate/…",
    )


def bad_web_acl(value: str) -> Case:
    return put(
        WEB_ACL,
        value,
        "must be the ARN of a regional web ACL, such as "
        "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/…",
    )


def outside(key: str, value: int, low: int, high: int) -> Case:
    return put((LOAD_BALANCING, key), value, f"must be between {low} and {high}, not {value}")


ONE_CHANGE: dict[str, Case] = {
    "a certificate by name": bad_certificate("mine"),
    "an empty certificate": bad_certificate(""),
    "a certificate of IAM": bad_certificate("arn:aws:iam::123456789012:server-certificate/mine"),
    "a certificate of another service": bad_certificate(
        certificate("us-east-1").replace(":acm:", ":iam:")
    ),
    "a certificate of an account of 11 digits": bad_certificate(
        "arn:aws:acm:us-east-1:12345678901:certificate/0-1"
    ),
    "a certificate without an ID": bad_certificate(certificate("us-east-1")[:-3]),
    "a certificate with a line break": bad_certificate(certificate("us-east-1") + "\n"),
    "an idle timeout of 1": outside("idleTimeoutSeconds", 1, 2, 3599),
    "an idle timeout of 3600": outside("idleTimeoutSeconds", 3600, 2, 3599),
    "access logs for -1 days": outside("accessLogDays", -1, 0, 3650),
    "access logs for 3651 days": outside("accessLogDays", 3651, 0, 3650),
    "health check logs without a bucket": (
        (LOAD_BALANCING,),
        {"accessLogDays": 0, "healthCheckLogs": True},
        f"{LOAD_BALANCING}.healthCheckLogs",
        True,
        "accessLogDays is 0, so that there is no bucket for the logs; write accessLogDays: 1 or "
        "more, or remove healthCheckLogs",
    ),
    "a web ACL by name": bad_web_acl("mine"),
    "a web ACL of CloudFront": bad_web_acl(web_acl("us-east-1").replace("regional", "global")),
    "a prefix list by a name of its own": (
        (LOAD_BALANCING, "sourcePrefixLists"),
        ["office"],
        f"{LOAD_BALANCING}.sourcePrefixLists[0]",
        "office",
        "must be the ID of a prefix list, such as pl-0123456789abcdef0, or the name of a list that "
        "AWS manages, such as com.amazonaws.global.cloudfront.origin-facing",
    ),
    "9 requests per 5 minutes": put(
        (*WAF, "requestsPerFiveMinutes"), 9, "must be between 10 and 2000000000, not 9"
    ),
    "a misspelled key": unknown((LOAD_BALANCING, "certifcate"), "certificate", "certificates"),
}


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_a_wrong_value_is_one_problem_with_key_value_and_message(
    tmp_path: Path, stack: str, case: str
) -> None:
    path, new, key, value, message = ONE_CHANGE[case]
    text = changed(stack, *encrypted(stack), (path, new))
    assert_problem(refused(tmp_path, stack, text), key, value, message)


@every_stack
def test_a_certificate_in_another_region_is_refused(tmp_path: Path, stack: str) -> None:
    region, elsewhere = REGIONS[stack], certificate("eu-central-1")
    problems = refused(tmp_path, stack, changed(stack, *encrypted(stack), (CERTIFICATE, elsewhere)))
    assert_problem(
        problems,
        ".".join(CERTIFICATE),
        elsewhere,
        f"the certificate is in eu-central-1, but the load balancer is in {region}; write the ARN "
        f"of a certificate in {region}",
    )


@every_stack
def test_a_web_acl_in_another_region_is_refused(tmp_path: Path, stack: str) -> None:
    region, elsewhere = REGIONS[stack], web_acl("eu-central-1")
    problems = refused(tmp_path, stack, changed(stack, *encrypted(stack), (WEB_ACL, elsewhere)))
    assert_problem(
        problems,
        ".".join(WEB_ACL),
        elsewhere,
        f"the web ACL is in eu-central-1, but the load balancer is in {region}; write the ARN of a "
        f"web ACL in {region}",
    )


@every_stack
def test_a_rate_limit_with_an_existing_web_acl_is_refused(tmp_path: Path, stack: str) -> None:
    existing = web_acl(REGIONS[stack])
    both = {"webAcl": existing, "requestsPerFiveMinutes": 10}
    assert_problem(
        refused(tmp_path, stack, changed(stack, ((LOAD_BALANCING,), {"waf": both}))),
        f"{LOAD_BALANCING}.waf.requestsPerFiveMinutes",
        10,
        "the program does not change the rules of an existing web ACL; remove "
        "requestsPerFiveMinutes or webAcl",
    )
    accepted(tmp_path, stack, ((LOAD_BALANCING,), {"waf": {"webAcl": existing}}))


@every_stack
def test_a_certificate_of_another_partition_is_refused(tmp_path: Path, stack: str) -> None:
    arn = certificate(REGIONS[stack]).replace("arn:aws:", "arn:aws-cn:")
    assert_problem(
        refused(tmp_path, stack, changed(stack, ((LOAD_BALANCING,), {"certificate": arn}))),
        f"{LOAD_BALANCING}.certificate",
        arn,
        "must be the ARN of an ACM certificate, such as "
        "arn:aws:acm:us-east-1:123456789012:certificate/…",
    )


ALLOWED: list[list[Change]] = [
    [((TRAFFIC,), {})],
    [((LOAD_BALANCING, "accessLogDays"), 0)],
    [(WAF, {"requestsPerFiveMinutes": 10})],
    [(WAF, None)],
    [((LOAD_BALANCING, "idleTimeoutSeconds"), 16)],
    [
        ((LOAD_BALANCING, "idleTimeoutSeconds"), 3599),
        ((*WEB, "expose"), {"path": "/", "keepAliveSeconds": 3600}),
    ],
]


@every_stack
@pytest.mark.parametrize(
    "changes",
    ALLOWED,
    ids=[
        "a certificate without a domain",
        "no access logs",
        "a rate limit",
        "no AWS WAF",
        "a short idle timeout",
        "a long idle timeout",
    ],
)
def test_allowed_settings_are_accepted(tmp_path: Path, stack: str, changes: list[Change]) -> None:
    accepted(tmp_path, stack, *encrypted(stack), *changes)


def test_a_rate_limit_below_100_is_a_caution() -> None:
    assert cautions_of(((LOAD_BALANCING,), {"waf": {"requestsPerFiveMinutes": 99}})) == {
        f"{LOAD_BALANCING}.waf.requestsPerFiveMinutes": "AWS accepts 99, but some versions of the "
        "aws provider refuse less than 100 (pulumi-aws #5841), and users behind one address share "
        "the limit; write 100 or more"
    }
    assert cautions_of(((LOAD_BALANCING,), {"waf": {"requestsPerFiveMinutes": 100}})) == {}


def exposed(number: int, **changes: object) -> list[Change]:
    """Returns changes that add exposed apps, each with another port."""
    return [
        (
            (APPS, f"app-{index}"),
            app(
                port=10000 + index,
                expose={"path": f"/{index}", "keepAliveSeconds": 60},
                probes={"readiness": {"path": f"/{index}/ready"}},
                **changes,
            ),
        )
        for index in range(number)
    ]


ROOMY: Change = ((*PER_ZONE, "max"), 60)


def test_more_exposed_apps_than_target_groups_of_a_load_balancer_are_refused(
    tmp_path: Path,
) -> None:
    accepted(tmp_path, "prod", ROOMY, *exposed(99))
    apps = {**config_of("prod")[APPS], **{path[1]: value for path, value in exposed(100)}}
    assert_problem(
        refused(tmp_path, "prod", changed("prod", ROOMY, ((APPS,), apps))),
        APPS,
        apps,
        "101 workloads have expose with routes of the public load balancer, which has at most 100 "
        "target groups, one for each of them; remove expose from 1 workload, or move them "
        "to another stack",
    )


def test_more_ports_than_rules_of_a_security_group_are_a_caution() -> None:
    assert APPS not in cautions_of(ROOMY, *exposed(58), stack="prod"), "with web: 59 ports"
    assert cautions_of(ROOMY, *exposed(59), stack="prod")[APPS] == (
        "the exposed workloads need 60 rules of the cluster's security group, one for each port "
        "and load balancer, but the quota of a new account is 60 rules, of which EKS uses 1; use "
        "at most 59 ports (workloads can have the same port), or request a higher quota L-0EA8095F"
    )


def test_more_pods_than_targets_of_a_load_balancer_are_a_caution() -> None:
    most = 1000 - config_of("prod")[APPS]["web"]["replicas"]["max"]
    replicas = {"needed": 1, "max": most}
    assert APPS not in cautions_of(*exposed(1, replicas=replicas), stack="prod")
    replicas["max"] += 1
    assert cautions_of(*exposed(1, replicas=replicas), stack="prod")[APPS] == (
        "the exposed workloads can have 1,001 pods, but the quota of a load balancer is "
        "1,000 targets, and further pods never become ready; lower replicas.max, or request a "
        "higher quota of targets per Application Load Balancer"
    )


def test_more_source_ranges_than_rules_of_a_security_group_are_a_caution() -> None:
    ranges = [f"203.0.113.{number}/32" for number in range(31)]
    key = (LOAD_BALANCING, "sourceRanges")
    load_balancing: Change = ((LOAD_BALANCING,), {})
    assert cautions_of(load_balancing, (key, ranges[:30])) == {}
    assert cautions_of(load_balancing, (key, ranges)) == {
        f"{LOAD_BALANCING}.sourceRanges": "31 networks need 62 rules of a security group, but the "
        "quota of a new account is 60; write them in a prefix list, or request a higher quota "
        "L-0EA8095F"
    }


def test_more_prefix_lists_than_security_groups_of_an_interface_are_a_caution() -> None:
    lists = [f"pl-0123456789abcdef{number}" for number in range(4)]
    assert cautions_of(((LOAD_BALANCING,), {"sourcePrefixLists": lists[:3]})) == {}
    assert cautions_of(((LOAD_BALANCING,), {"sourcePrefixLists": lists})) == {
        f"{LOAD_BALANCING}.sourcePrefixLists": "the load balancer needs 6 security groups, one for "
        "each prefix list, but the quota of a network interface is 5; write fewer prefix lists, or "
        "request a higher quota L-2AFB9258"
    }


def test_the_cost_and_the_quota_of_reserved_capacity_are_a_caution() -> None:
    key = (LOAD_BALANCING, "minimumCapacityUnits")
    assert cautions_of(((LOAD_BALANCING,), {"minimumCapacityUnits": 1000})) == {
        ".".join(
            key
        ): "1,000 reserved capacity units cost about $5,840 a month, and the quota of a "
        "new account is 0 reserved units in a region; request a higher quota of Reserved "
        "Application Load Balancer Capacity Units before the deployment"
    }
