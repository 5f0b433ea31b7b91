"""A public and an internal load balancer in one cell."""

from typing import Any

import pytest

from settings import Settings
from settings.reading.check import check
from tests.settings.stack_files import (
    APPS,
    LOAD_BALANCING,
    TRAFFIC,
    WEB,
    Change,
    app,
    cautions_of,
    config_of,
    problems_of,
    put_at,
)

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
DOMAIN = "app.example.com"
ZONE = "Z0123456789ABCDEFGHIJ"


def web(*routes: dict[str, Any], **expose: Any) -> Change:
    """Returns the change of the routes of web."""
    return ((*WEB, "expose"), {"keepAliveSeconds": 75, **expose, "routes": [*routes]})


def add(name: str, **expose: Any) -> Change:
    """Returns the change that adds an exposed app."""
    probes = {"readiness": {"path": "/ready"}}
    return ((APPS, name), app(probes=probes, expose={"keepAliveSeconds": 75, **expose}))


def traffic(**changes: Any) -> Change:
    """Returns the change of the domains of prod."""
    return ((TRAFFIC,), {**config_of("prod")[TRAFFIC], **changes})


def settings_of(*changes: Change, stack: str) -> Settings:
    """Returns the settings of a shipped file with changes."""
    config = config_of(stack)
    for path, value in changes:
        put_at(config, path, value)
    settings, problems = check(config)
    assert settings, problems
    return settings


PRIVATE = traffic(internal={"domain": "apps.corp.example.com"})
PAYROLL = add("payroll", internal=True)


def test_each_load_balancer_has_its_own_apps_hosts_and_certificates() -> None:
    both = web({"path": "/"}, {"host": "web.apps.corp.example.com", "internal": True})
    settings = settings_of(both, PAYROLL, PRIVATE, stack="prod")
    public, internal = settings.load_balancers.values()
    assert ([*public.exposed], [*internal.exposed]) == (["web"], ["web", "payroll"])
    assert (public.hosts, internal.hosts) == ((), ("web.apps.corp.example.com",))
    assert (public.domain, internal.domain) == (DOMAIN, "apps.corp.example.com")
    assert (public.https, internal.https) == (True, False)
    assert (public.health_check_apps, internal.health_check_apps) == (("web",), ("payroll",))
    assert (public.health_paths, internal.health_paths) == ({"web": "/readyz"}, {})


def test_a_route_overrides_the_load_balancer_of_its_app() -> None:
    routes = web({"path": "/a"}, {"path": "/", "internal": False}, internal=True)
    found = settings_of(routes, stack="dev").apps["web"].expose
    assert found
    assert [route.internal for route in found.all_routes] == [True, False]


def test_the_idle_timeout_follows_from_the_apps_of_a_load_balancer() -> None:
    slow = add("slow", internal=True, keepAliveSeconds=400)
    longest: Change = ((APPS, "slow", "longestRequestSeconds"), 300)
    settings = settings_of(slow, longest, ((*WEB, "expose", "keepAliveSeconds"), 75), stack="dev")
    seconds = {kind: each.idle_timeout_seconds for kind, each in settings.load_balancers.items()}
    assert seconds == {"public": 50, "internal": 305}, "web would need a longer keep-alive time"


def test_both_load_balancers_can_have_the_same_host_and_domain() -> None:
    same = web({"host": DOMAIN}, {"host": DOMAIN, "internal": True})
    assert problems_of(same, traffic(internal={"domain": DOMAIN}), stack="prod") == []
    [problem] = problems_of(web({"host": DOMAIN}, {"host": DOMAIN}), stack="prod")
    assert "remove one of the two routes" in problem.message


BAD: dict[str, tuple[tuple[Change, ...], str, str]] = {
    "a domain of the internal load balancer without a route": (
        (PRIVATE,),
        f"{TRAFFIC}.internal",
        "the cell has no internal load balancer, because no route is internal; write expose: "
        "{internal: true} in an app, or remove internal",
    ),
    "settings of the internal load balancer without a route": (
        (((LOAD_BALANCING,), {"internal": {"accessLogDays": 7}}),),
        f"{LOAD_BALANCING}.internal",
        "the cell has no internal load balancer, because no route is internal; write expose: "
        "{internal: true} in an app, or remove this section",
    ),
    "a public domain of internal apps": (
        (((*WEB, "expose", "internal"), True),),
        f"{TRAFFIC}.domain",
        "all routes are internal, so that the cell has no public load balancer; write domain, "
        "hostedZoneId and zones in traffic.internal",
    ),
    "a hosted zone without a domain": (
        (traffic(domain=None, internal={"domain": "a.example.com"}), PAYROLL),
        f"{TRAFFIC}.domain",
        "required",
    ),
    "traffic without a domain": (
        (((TRAFFIC,), {"policy": "latency"}),),
        f"{TRAFFIC}.domain",
        "required",
    ),
    "traffic of internal apps without a domain": (
        (((*WEB, "expose", "internal"), True), ((TRAFFIC,), {"policy": "latency"})),
        f"{TRAFFIC}.internal",
        "required",
    ),
    "an internal host outside of the hosted zones": (
        (PAYROLL, PRIVATE, web({"host": "web.example.org", "internal": True}, {"path": "/"})),
        f"{APPS}.web.expose.routes[0]",
        "no hosted zone is known for web.example.org; write the zone that contains it in "
        f"{TRAFFIC}.internal.zones, such as {{example.org: {ZONE}}}",
    ),
    "a certificate in another region": (
        (
            PAYROLL,
            (
                (LOAD_BALANCING,),
                {"internal": {"certificate": CERTIFICATE.replace("us-east-1", "eu-west-1")}},
            ),
        ),
        f"{LOAD_BALANCING}.internal.certificate",
        "the certificate is in eu-west-1, but the load balancer is in us-east-1; write the ARN of "
        "a certificate in us-east-1",
    ),
    "a redirect to a redirected host": (
        (
            PAYROLL,
            PRIVATE,
            (
                (LOAD_BALANCING,),
                {"internal": {"redirects": {
                    "a.apps.corp.example.com": "b.apps.corp.example.com",
                    "b.apps.corp.example.com": "apps.corp.example.com",
                }}},
            ),
        ),
        f"{LOAD_BALANCING}.internal.redirects.a.apps.corp.example.com",
        "requests for b.apps.corp.example.com are redirected too; write the host that serves them, "
        "or a route with the host b.apps.corp.example.com",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_contradictions_between_load_balancers_are_refused(case: str) -> None:
    changes, key, message = BAD[case]
    [problem] = problems_of(*changes, stack="prod")
    assert (problem.key, problem.message) == (key, message)


def test_the_former_key_of_the_scheme_has_a_hint() -> None:
    [problem] = problems_of(((LOAD_BALANCING,), {"scheme": "internal"}), stack="dev")
    assert "expose.internal" in problem.message


def test_a_private_zone_that_hides_public_hosts_is_a_caution() -> None:
    """Route 53 answers in the VPC from the private zone only, also if it has no such record."""
    hiding = traffic(internal={"domain": "example.com", "hostedZoneId": ZONE})
    key = f"{TRAFFIC}.internal"
    assert cautions_of(PAYROLL, hiding, stack="prod")[key] == (
        "in the VPC, the private hosted zone of example.com hides the public record of "
        "app.example.com, so that pods cannot resolve it; write a domain that is not above "
        "app.example.com, or an internal route for this host"
    )
    shown = web({"path": "/"}, {"host": DOMAIN, "internal": True})
    assert key not in cautions_of(PAYROLL, hiding, shown, stack="prod")
    assert key not in cautions_of(PAYROLL, PRIVATE, stack="prod")
