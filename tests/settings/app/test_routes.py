"""Routes of exposed workloads in the stack file: hosts and paths."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.stack_files import (
    ABSENT,
    APPS,
    LOAD_BALANCING,
    TRAFFIC,
    WEB,
    Change,
    accepted,
    app,
    assert_problem,
    cautions_of,
    problems_of,
)

ZONES: Change = ((TRAFFIC, "zones"), {"example.com": "Z0123456789ABCDEFGHIJ"})


def routed(*routes: dict[str, Any], **changes: Any) -> dict[str, object]:
    """Returns an app with routes."""
    readiness = {"path": "/ready"}
    expose = {"routes": [*routes], "keepAliveSeconds": 60}
    return app(probes={"readiness": readiness}, expose=expose, **changes)


def add(name: str, *routes: dict[str, Any], **changes: Any) -> Change:
    return (APPS, name), routed(*routes, **changes)


def add_for_office(name: str, **changes: Any) -> Change:
    """Returns the change that adds an app with source ranges, at a path of its name."""
    expose = {"path": f"/{name}", "keepAliveSeconds": 60, "sourceRanges": ["203.0.113.0/24"]}
    readiness = {"path": "/ready"}
    return (APPS, name), app(probes={"readiness": readiness}, expose=expose, **changes)


def test_several_apps_share_a_host_and_a_path(tmp_path: Path) -> None:
    host = {"host": "www.example.com"}
    settings = accepted(
        tmp_path, "prod", ZONES,
        add("shop", host, {"path": "/shop"}),
        add("cart", {**host, "path": "/cart"}, {"path": "/shop/cart"}),
        add("status", {**host, "path": "/cart", "exact": True}, {"host": "*.example.com"}),
    )  # fmt: skip

    assert settings.load_balancer("public").hosts == ("*.example.com", "www.example.com")
    assert settings.load_balancer("public").health_check_apps == ("web",), (
        "web still receives all other requests"
    )


def test_the_domain_is_no_further_host(tmp_path: Path) -> None:
    domain = {"host": "app.example.com", "path": "/shop"}
    assert accepted(tmp_path, "prod", add("shop", domain)).load_balancer("public").hosts == ()


@pytest.mark.parametrize(
    ("route", "what"),
    [
        ({"path": "/a"}, "path"),
        ({"host": "www.example.com"}, "path for www.example.com"),
        ({"host": "*.example.com", "path": "/a", "exact": True}, "path for *.example.com"),
    ],
)
def test_two_apps_cannot_have_the_same_route(route: dict[str, Any], what: str) -> None:
    problems = problems_of(ZONES, add("one", route), add("two", {"path": "/two"}, route))
    assert_problem(
        problems,
        f"{APPS}.two.expose.routes[1]",
        route,
        f"one has the same {what}; write another path",
    )


def test_an_app_cannot_have_a_route_twice() -> None:
    route = {"path": "/a"}
    assert_problem(
        problems_of(add("one", route, {"path": "/b"}, route)),
        f"{APPS}.one.expose.routes[2]",
        route,
        "routes[0] has the same path; remove one of the two routes",
    )


def test_path_is_the_short_form_of_routes() -> None:
    both = {"path": "/one", "routes": [{"path": "/two"}]}
    assert_problem(
        problems_of(((APPS, "one"), {**routed(), "expose": both})),
        f"{APPS}.one.expose.path",
        "/one",
        "path is the short form of a single route; remove path, and write it as {path: /one} in "
        "routes",
    )


@pytest.mark.parametrize(
    ("host", "zone"),
    [
        ("www.example.org", "example.org"),
        ("*.a.example.com", "a.example.com"),
        ("example.org", "example.org"),
    ],
)  # fmt: skip
def test_a_host_needs_a_hosted_zone(host: str, zone: str) -> None:
    route = {"host": host}
    assert_problem(
        problems_of(add("one", route)),
        f"{APPS}.one.expose.routes[0]",
        route,
        f"no hosted zone is known for {host}; write the zone that contains it in "
        f"ha-eks:traffic.zones, such as {{{zone}: Z0123456789ABCDEFGHIJ}}",
    )


def test_hosts_below_the_domain_are_in_its_zone(tmp_path: Path) -> None:
    settings = accepted(tmp_path, "prod", add("one", {"host": "one.app.example.com"}))
    names = settings.load_balancer("public").names
    assert names
    assert names.zone_of("one.app.example.com") == names.hosted_zone_id
    assert names.zone_of("one.example.com") is None


HOST = (
    "must be a host name in lowercase such as www.example.com, or a wildcard such as "
    "*.example.com with at most 6 labels after the *, at most 128 characters"
)


@pytest.mark.parametrize(
    "host",
    [
        "", "localhost", "WWW.example.com", "*.com", "*", "www.*.com", "*www.example.com",
        "www.example.com.", "www.example.c0m", "a_b.example.com", "*.a.b.c.d.e.f.com",
        f"{'a.' * 63}com", "https://www.example.com", "www.example.com:443",
    ],
)  # fmt: skip
def test_a_host_is_a_name_that_a_listener_rule_accepts(host: str) -> None:
    [problem] = problems_of(add("one", {"host": host}))
    assert (problem.key, problem.value) == (f"{APPS}.one.expose.routes[0].host", host)
    assert problem.message == HOST


def test_route_53_checks_two_apps_at_different_paths() -> None:
    """Both are critical, and have no route for all hosts."""
    hosts = [{"host": f"{name}.app.example.com"} for name in ("one", "two")]
    problems = problems_of(
        add("one", hosts[0], critical=True),
        add("two", hosts[1], critical=True),
        ((*WEB, "critical"), False),
    )
    assert_problem(
        problems,
        f"{APPS}.two.probes.readiness.path",
        "/ready",
        "Route 53 checks the health of the cell at this path, but the load balancer sends the "
        "path to one; write a path that the load balancer sends to two",
    )


def test_route_53_checks_an_app_with_source_ranges_at_the_load_balancer() -> None:
    """The load balancer sends the path of both apps to the first."""
    apps = [add_for_office(name, critical=True) for name in ("one", "two")]
    [problem] = problems_of(*apps, ((*WEB, "critical"), False))
    assert problem.key == f"{APPS}.two.probes.readiness.path"


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("203.0.113.7/24", "must be in CIDR notation without host bits; write 203.0.113.0/24"),
        ("2001:DB8::/32", "must be in CIDR notation without host bits; write 2001:db8::/32"),
        (
            "office",
            "must be a network in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32",
        ),
    ],
)
def test_a_source_range_is_a_network(network: str, message: str) -> None:
    change = ((*WEB, "expose", "sourceRanges"), [network])
    assert_problem(problems_of(change), f"{APPS}.web.expose.sourceRanges[0]", network, message)


def test_a_cell_can_serve_hosts_only(tmp_path: Path) -> None:
    only = {"routes": [{"host": "one.app.example.com"}], "keepAliveSeconds": 60}
    settings = accepted(tmp_path, "prod", ((*WEB, "expose"), only))
    assert settings.load_balancer("public").health_paths == {"web": "/readyz"}


# Cautions.


def test_a_host_without_traffic_has_no_record() -> None:
    found = cautions_of(add("one", {"host": "www.example.com"}), stack="dev")
    assert found[TRAFFIC] == (
        "without it, the program creates no DNS record for www.example.com; create a record that "
        "leads to the public load balancer, or write traffic with the hosted zone"
    )


def test_an_existing_certificate_must_cover_all_hosts() -> None:
    arn = "arn:aws:acm:us-west-2:123456789012:certificate/1"
    one = add("one", {"host": "b.app.example.com"}, {"host": "a.app.example.com"})
    balancing = ((LOAD_BALANCING,), {"certificate": arn})
    assert cautions_of(one, balancing) == {
        f"{LOAD_BALANCING}.certificate": "the program cannot read the names in the certificate, "
        "and clients refuse a certificate without their host; check that it covers "
        "a.app.example.com, b.app.example.com, or write other certificates for these hosts in "
        "certificates"
    }
    both = {**balancing[1], "certificates": {"*.app.example.com": arn}}
    assert cautions_of(one, ((LOAD_BALANCING,), both)) == {}
    assert cautions_of(balancing) == cautions_of(one) == {}


def test_a_wildcard_that_includes_the_domain_is_a_caution() -> None:
    assert cautions_of(ZONES, add("one", {"host": "*.example.com"})) == {
        f"{APPS}.one.expose.routes[0]": "*.example.com includes app.example.com, so that one "
        "receives requests for app.example.com, before routes without a host; write a route with "
        "the host app.example.com for each app that serves the domain"
    }


def test_quotas_of_rules_and_certificates_are_cautions() -> None:
    routes = [{"host": f"h{number}.app.example.com"} for number in range(101)]
    rules = (
        "routes, source ranges and redirects need 101 rules of the public load balancer, but the "
        "quota is 100; request a higher quota of rules per Application Load Balancer"
    )
    certificates = (
        "the hosts of the public load balancer need 26 certificates, but the quota is 25; write a "
        "wildcard host, or request a higher quota of certificates per Application Load Balancer"
    )
    assert cautions_of(add("one", *routes[:25])) == {}
    assert cautions_of(add("one", *routes[:26])) == {APPS: certificates}
    paths = [{"path": f"/p{number}"} for number in range(101)]
    assert cautions_of(add("one", *paths[:100])) == {}
    assert cautions_of(add("one", *paths)) == {APPS: rules}
    two_rules = add_for_office("office")
    assert cautions_of(add("one", *paths[:98]), two_rules) == {}
    assert cautions_of(add("one", *paths[:99]), two_rules) == {APPS: rules}
    wildcard = {"host": "*.app.example.com"}
    assert cautions_of(add("one", wildcard, *routes[:99])) == {}


def test_without_traffic_a_path_needs_no_zone(tmp_path: Path) -> None:
    accepted(tmp_path, "prod", ((TRAFFIC,), ABSENT), add("one", {"host": "www.example.org"}))


# Certificates and redirects.


ARN = "arn:aws:acm:us-east-1:123456789012:certificate/2"


def balancing(**keys: object) -> Change:
    return (LOAD_BALANCING,), keys


def test_existing_certificates_and_wildcards_leave_few_hosts_to_certify(tmp_path: Path) -> None:
    names = ["*.b.example.com", "a.b.example.com", "c.a.b.example.com", "b.example.com"]
    settings = accepted(
        tmp_path, "prod", ZONES,
        add("one", *({"host": name} for name in names), {"host": "shop.example.com"}),
        balancing(certificates={"*.example.com": ARN}),
    )  # fmt: skip
    assert settings.load_balancer("public").hosts_to_certify == [
        "*.b.example.com",
        "c.a.b.example.com",
    ]
    settings = accepted(
        tmp_path, "prod", add("one", {"host": "a.app.example.com"}), balancing(certificate=ARN)
    )
    assert settings.load_balancer("public").hosts_to_certify == []


def test_a_further_certificate_is_in_the_region_of_the_cell() -> None:
    arn = ARN.replace("us-east-1", "eu-west-1")
    assert_problem(
        problems_of(
            add("one", {"host": "a.app.example.com"}),
            balancing(certificates={"a.app.example.com": arn}),
        ),
        f"{LOAD_BALANCING}.certificates.a.app.example.com",
        arn,
        "the certificate is in eu-west-1, but the load balancer is in us-east-1; write the ARN of "
        "a certificate in us-east-1",
    )


def test_further_certificates_need_a_default_certificate() -> None:
    assert_problem(
        problems_of(
            add("one", {"host": "www.example.com"}),
            balancing(certificates={"www.example.com": ARN}),
            stack="dev",
        ),
        f"{LOAD_BALANCING}.certificates",
        {"www.example.com": ARN},
        "further certificates need a default certificate; write its ARN in certificate, or a "
        "domain in traffic",
    )


def test_the_certificate_of_the_domain_is_the_default_certificate() -> None:
    problems = problems_of(balancing(certificates={"app.example.com": ARN}))
    assert_problem(
        problems,
        f"{LOAD_BALANCING}.certificates.app.example.com",
        ARN,
        "app.example.com is the domain of the cell; write its certificate in certificate",
    )


def test_a_certificate_that_covers_no_host_is_a_caution() -> None:
    one, arn = add("one", {"host": "a.b.app.example.com"}), ARN.replace("us-east-1", "us-west-2")
    found = cautions_of(one, balancing(certificates={"*.app.example.com": arn}))
    assert found == {
        f"{LOAD_BALANCING}.certificates.*.app.example.com": "covers no host of a route or "
        "redirect; remove it, or write a route with a host that it covers"
    }


REDIRECT = f"{LOAD_BALANCING}.redirects"


def test_a_redirected_host_has_a_record_and_a_certificate(tmp_path: Path) -> None:
    redirects = {"www.app.example.com": "app.example.com"}
    settings = accepted(tmp_path, "prod", balancing(redirects=redirects))
    assert (
        list(settings.load_balancer("public").hosts)
        == settings.load_balancer("public").hosts_to_certify
        == ["www.app.example.com"]
    )


def test_a_redirect_and_a_route_cannot_have_the_same_host() -> None:
    problems = problems_of(
        add("one", {"host": "www.app.example.com"}),
        balancing(redirects={"www.app.example.com": "app.example.com"}),
    )
    assert_problem(
        problems,
        f"{REDIRECT}.www.app.example.com",
        "app.example.com",
        "one receives the requests for www.app.example.com; remove its route, or the redirect",
    )


@pytest.mark.parametrize(
    ("redirects", "source"),
    [
        ({"a.app.example.com": "a.app.example.com"}, "a.app.example.com"),
        ({"*.app.example.com": "a.app.example.com"}, "*.app.example.com"),
        (
            {"a.app.example.com": "b.app.example.com", "b.app.example.com": "app.example.com"},
            "a.app.example.com",
        ),
    ],
)
def test_a_redirect_leads_to_no_other_redirect(redirects: dict[str, str], source: str) -> None:
    target = redirects[source]
    assert_problem(
        problems_of(balancing(redirects=redirects)),
        f"{REDIRECT}.{source}",
        target,
        f"requests for {target} are redirected too; write the host that serves them, or a route "
        f"with the host {target}",
    )


def test_a_wildcard_redirects_all_hosts_without_a_route(tmp_path: Path) -> None:
    accepted(
        tmp_path, "prod",
        add("one", {"host": "a.app.example.com"}),
        balancing(redirects={"*.app.example.com": "a.app.example.com"}),
    )  # fmt: skip


def test_a_redirected_host_needs_a_hosted_zone() -> None:
    assert_problem(
        problems_of(balancing(redirects={"www.example.com": "app.example.com"})),
        f"{REDIRECT}.www.example.com",
        "app.example.com",
        "no hosted zone is known for www.example.com; write the zone that contains it in "
        "ha-eks:traffic.zones, such as {example.com: Z0123456789ABCDEFGHIJ}",
    )


def test_redirects_need_a_load_balancer() -> None:
    redirects = {"www.app.example.com": "app.example.com"}
    problems = problems_of(
        ((*WEB, "expose"), ABSENT),
        ((TRAFFIC,), {}),
        (("ha-eks:resilience",), ABSENT),
        balancing(redirects=redirects),
    )
    assert_problem(
        problems,
        REDIRECT,
        redirects,
        "the cell has no public load balancer, because no workload has expose with a public route; "
        "add expose to an app, or remove redirects",
    )


def test_a_redirect_to_a_host_without_a_route_is_a_caution() -> None:
    redirects = {"www.app.example.com": "shop.example.org"}
    key = f"{REDIRECT}.www.app.example.com"
    assert cautions_of(balancing(redirects=redirects)) == {
        key: "clients are redirected to shop.example.org, but no route has this host; write a "
        "route with the host, unless another load balancer serves it"
    }
    for target in ("app.example.com", "one.app.example.com", "x.two.app.example.com"):
        routes = [{"host": "one.app.example.com", "path": "/a"}, {"host": "*.two.app.example.com"}]
        found = cautions_of(
            add("one", *routes), balancing(redirects={"www.app.example.com": target})
        )
        assert found == {}
