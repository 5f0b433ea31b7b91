"""Tests of ha-eks:traffic: domain, hosted zone, and the fields of each routing policy."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from settings.cautions import cautions
from tests.settings.stack_files import (
    ABSENT,
    LOAD_BALANCING,
    TRAFFIC,
    WEB,
    Case,
    Change,
    accepted,
    assert_problem,
    changed,
    config_of,
    every_stack,
    missing,
    problems_of,
    put,
    refused,
    unknown,
)

TODAY = date(2026, 11, 28)
DOMAIN, HOSTED_ZONE, POLICY = (TRAFFIC, "domain"), (TRAFFIC, "hostedZoneId"), (TRAFFIC, "policy")
ROLE, WEIGHT = (TRAFFIC, "role"), (TRAFFIC, "weight")

FAILOVER = {"policy": "failover", "role": "primary"}
WEIGHTED = {"policy": "weighted", "weight": 1}
LATENCY = {"policy": "latency"}

ROLE_REQUIRED = "required with policy: failover; write primary or secondary"
WEIGHT_REQUIRED = "required with policy: weighted; write 0 to 255"


def role_refused(policy: str) -> str:
    return f"applies only with policy: failover, but policy is {policy}; remove role"


def weight_refused(policy: str) -> str:
    return f"applies only with policy: weighted, but policy is {policy}; remove weight"


def domain(stack: str, **policy: object) -> list[Change]:
    """Returns changes after which the cell of any shipped stack serves a domain."""
    arn = f"arn:aws:acm:{config_of(stack)['aws:region']}:123456789012:certificate/0-1"
    return [
        ((LOAD_BALANCING,), {"certificate": arn, "waf": {}}),
        ((TRAFFIC,), {"domain": "app.example.com", "hostedZoneId": "Z0123456789", **policy}),
    ]


def bad_domain(value: str) -> Case:
    return put(DOMAIN, value, "must be a domain name in lowercase, such as app.example.com")


def bad_zone(value: str) -> Case:
    message = "must be the ID of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ"
    return put(HOSTED_ZONE, value, message)


ONE_CHANGE: dict[str, Case] = {
    "no domain": missing(DOMAIN),
    "no hosted zone": missing(HOSTED_ZONE),
    "no policy": missing(POLICY, "required; write failover, weighted or latency"),
    "a domain in uppercase": bad_domain("App.example.com"),
    "a domain without a dot": bad_domain("localhost"),
    "a domain with a trailing dot": bad_domain("app.example.com."),
    "a domain with two dots in a row": bad_domain("app..example.com"),
    "a domain with a scheme": bad_domain("https://app.example.com"),
    "a domain with a wildcard": bad_domain("*.example.com"),
    "a domain with _": bad_domain("my_app.example.com"),
    "a domain with a label that begins with -": bad_domain("-app.example.com"),
    "a domain with a label that ends with -": bad_domain("app-.example.com"),
    "a domain with a label of 64 characters": bad_domain("a" * 64 + ".example.com"),
    "a domain of 254 characters": bad_domain("a." * 125 + "info"),
    "a domain that is an address": bad_domain("203.0.113.7"),
    "a hosted zone by name": bad_zone("example.com"),
    "a hosted zone in lowercase": bad_zone("z0123456789"),
    "a hosted zone with its path": bad_zone("/hostedzone/Z0123456789"),
    "a hosted zone of 33 characters": bad_zone("Z" * 33),
    "a hosted zone of 1 character": bad_zone("Z"),
    "an unknown policy": put(
        POLICY, "geolocation", 'must be one of failover, weighted, latency; found "geolocation"'
    ),
    "an unknown role": put(ROLE, "standby", 'must be one of primary, secondary; found "standby"'),
    "a weight of 256": put(WEIGHT, 256, "must be between 0 and 255, not 256"),
    "a weight below 0": put(WEIGHT, -1, "must be between 0 and 255, not -1"),
    "a weight in quotes": put(WEIGHT, "1", 'must be a whole number, not "1"'),
    "drained in quotes": put((TRAFFIC, "drained"), "true", 'must be true or false, not "true"'),
    "a misspelled key": unknown((TRAFFIC, "polcy"), "policy"),
    "failover without a role": (ROLE, ABSENT, f"{TRAFFIC}.role", None, ROLE_REQUIRED),
    "failover with a weight": put(WEIGHT, 1, weight_refused("failover")),
    "failover with a weight of 0": put(WEIGHT, 0, weight_refused("failover")),
}


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_a_wrong_value_is_one_problem_with_key_value_and_message(
    tmp_path: Path, stack: str, case: str
) -> None:
    path, new, key, value, message = ONE_CHANGE[case]
    text = changed(stack, *domain(stack, **FAILOVER), (path, new))
    assert_problem(refused(tmp_path, stack, text), key, value, message)


LONG_DOMAIN = f"{'a' * 57}.{'b' * 3}.com"
"""A domain of 65 characters."""


@every_stack
def test_a_domain_that_is_too_long_for_a_certificate_of_acm_needs_an_existing_certificate(
    tmp_path: Path, stack: str
) -> None:
    without: Change = ((LOAD_BALANCING,), {})
    long: Change = (DOMAIN, LONG_DOMAIN)
    assert_problem(
        refused(tmp_path, stack, changed(stack, *domain(stack, **FAILOVER), without, long)),
        f"{TRAFFIC}.domain",
        LONG_DOMAIN,
        "has 65 characters, but ACM issues certificates for names of at most 64; write a shorter "
        "domain, or the ARN of an existing certificate in loadBalancing.certificate",
    )
    accepted(tmp_path, stack, *domain(stack, **FAILOVER), long)
    accepted(tmp_path, stack, *domain(stack, **FAILOVER), without, (DOMAIN, LONG_DOMAIN[1:]))


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"policy": "failover", "role": "secondary"},
         "applies only to the cell with role: primary; remove failback"),
        (WEIGHTED, "applies only with policy: failover, but policy is weighted: a healthy cell "
         "receives its share at once; remove failback, and keep a cell out with make drain"),
    ],
)  # fmt: skip
def test_only_a_primary_cell_has_a_failback(
    tmp_path: Path, policy: dict[str, object], message: str
) -> None:
    text = changed("prod", *domain("prod", **policy, failback="manual"))
    assert_problem(refused(tmp_path, "prod", text), f"{TRAFFIC}.failback", "manual", message)


@every_stack
@pytest.mark.parametrize("policy", [FAILOVER, WEIGHTED, LATENCY])
def test_each_policy_is_accepted_with_its_fields(
    tmp_path: Path, stack: str, policy: dict[str, object]
) -> None:
    traffic = accepted(tmp_path, stack, *domain(stack, **policy)).traffic

    assert traffic is not None
    assert (traffic.domain, traffic.hosted_zone_id) == ("app.example.com", "Z0123456789")
    assert traffic.drained is False
    assert traffic.model_dump(include={"policy", "role", "weight"}, exclude_none=True) == policy


@every_stack
@pytest.mark.parametrize(
    ("policy", "key", "value", "message"),
    [
        ({"policy": "failover"}, "role", None, ROLE_REQUIRED),
        ({"policy": "weighted"}, "weight", None, WEIGHT_REQUIRED),
        ({**WEIGHTED, "role": "primary"}, "role", "primary", role_refused("weighted")),
        ({**LATENCY, "role": "secondary"}, "role", "secondary", role_refused("latency")),
        ({**LATENCY, "weight": 0}, "weight", 0, weight_refused("latency")),
        ({**FAILOVER, "weight": 1}, "weight", 1, weight_refused("failover")),
    ],
)
def test_a_policy_has_its_own_fields_and_no_others(
    tmp_path: Path, stack: str, policy: dict[str, object], key: str, value: object, message: str
) -> None:
    problems = refused(tmp_path, stack, changed(stack, *domain(stack, **policy)))
    assert_problem(problems, f"{TRAFFIC}.{key}", value, message)


@every_stack
def test_the_fields_of_another_policy_are_two_problems(tmp_path: Path, stack: str) -> None:
    text = changed(stack, *domain(stack, policy="weighted", role="primary"))
    assert [(each.key, each.message) for each in refused(tmp_path, stack, text)] == [
        (f"{TRAFFIC}.weight", WEIGHT_REQUIRED),
        (f"{TRAFFIC}.role", role_refused("weighted")),
    ]


ALLOWED: dict[str, list[Change]] = {
    "a domain with two labels": [(DOMAIN, "example.com")],
    "a domain with many labels": [(DOMAIN, "a.b-c.d1.example.museum")],
    "a domain with a label of 63 characters": [(DOMAIN, "a" * 63 + ".example.com")],
    "a domain of 253 characters": [(DOMAIN, "a." * 125 + "com")],
    "a hosted zone of 2 characters": [(HOSTED_ZONE, "Z1")],
    "a hosted zone of 32 characters": [(HOSTED_ZONE, "Z" * 32)],
    "the secondary role": [(ROLE, "secondary")],
    "a weight of 0": [(POLICY, "weighted"), (ROLE, ABSENT), (WEIGHT, 0)],
    "a weight of 255": [(POLICY, "weighted"), (ROLE, ABSENT), (WEIGHT, 255)],
    "a drained cell": [((TRAFFIC, "drained"), True)],
    "a domain without a certificate": [((LOAD_BALANCING, "certificate"), ABSENT)],
}


@every_stack
@pytest.mark.parametrize("case", ALLOWED)
def test_allowed_settings_are_accepted(tmp_path: Path, stack: str, case: str) -> None:
    accepted(tmp_path, stack, *domain(stack, **FAILOVER), *ALLOWED[case])


@every_stack
@pytest.mark.parametrize("traffic", [{}, None], ids=["empty", "without a value"])
def test_an_empty_section_is_no_traffic(tmp_path: Path, stack: str, traffic: Any) -> None:
    assert accepted(tmp_path, stack, ((TRAFFIC,), traffic)).traffic is None


@every_stack
@pytest.mark.parametrize(
    ("value", "shown_value"),
    [([], "a list"), ("", '""'), (False, "false"), (0, "0")],
    ids=["a list", "text", "false", "0"],
)
def test_a_section_that_is_not_a_mapping_is_refused(
    tmp_path: Path, stack: str, value: object, shown_value: str
) -> None:
    problems = refused(tmp_path, stack, changed(stack, ((TRAFFIC,), value)))
    assert_problem(problems, TRAFFIC, value, f"must be a mapping with policy, not {shown_value}")


def internal(stack: str, **names: object) -> list[Change]:
    """Returns changes after which all routes of a stack are internal."""
    return [
        ((*WEB, "expose", "internal"), True),
        ((TRAFFIC,), {**LATENCY, "internal": {"domain": "app.example.com", **names}}),
    ]


@every_stack
def test_an_internal_load_balancer_needs_no_hosted_zone(tmp_path: Path, stack: str) -> None:
    settings = accepted(tmp_path, stack, *internal(stack))
    assert [*settings.load_balancers] == ["internal"]
    balancer = settings.load_balancer("internal")
    assert balancer.names
    assert balancer.names.zone_ids(balancer.hosts) == set()
    assert not balancer.https, "ACM validates certificates through public DNS"
    assert balancer.health_paths == {}, "Route 53 cannot request a private address"
    assert balancer.health_check_apps == ("web",)


def test_a_host_outside_of_the_domain_needs_a_hosted_zone_also_if_internal() -> None:
    routes = {"routes": [{"host": "www.example.org", "internal": True}], "keepAliveSeconds": 60}
    [problem] = problems_of(*internal("prod"), ((*WEB, "expose"), routes), stack="prod")
    assert problem.message.startswith("no hosted zone is known for www.example.org")


def test_http_2_needs_an_existing_certificate_if_internal() -> None:
    protocol: Change = ((*WEB, "expose", "protocol"), "http2")
    [problem] = problems_of(*internal("prod"), protocol, stack="prod")
    assert problem.message == (
        "http2 needs HTTPS; write http1, or the ARN of a certificate in "
        "loadBalancing.internal.certificate"
    )


def test_an_existing_web_acl_may_block_the_health_checkers(tmp_path: Path) -> None:
    acl = "regional/webacl/shop/0123abcd-0123-4567-89ab-0123456789ab"
    arn = f"arn:aws:wafv2:us-east-1:123456789012:{acl}"
    stack: list[Change] = [((LOAD_BALANCING,), {"waf": {"webAcl": arn}})]
    own: list[Change] = [((LOAD_BALANCING,), {"waf": {}})]
    internal: list[Change] = [*stack, ((TRAFFIC,), None)]

    def found(changes: list[Change]) -> list[str]:
        settings = accepted(tmp_path, "prod", *changes)
        return [each.text for each in cautions(settings, TODAY) if "health checkers" in each.text]

    assert [text.partition(", ")[0] for text in found(stack)] == [
        "if this web ACL blocks the requests of Route 53's health checkers to /readyz"
    ]
    assert found(own) == found(internal) == []
