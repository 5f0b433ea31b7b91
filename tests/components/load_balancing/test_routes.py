"""Routes: listener rules, certificates and health checks of hosts and paths."""

from typing import Any

from settings.app.apps import App
from tests.components.deploy import Deployed
from tests.components.load_balancing.deployed_load_balancing import (
    CERTIFICATE,
    LISTENER,
    app,
    arn_of,
    balancing,
    listener,
    rules,
)
from tests.components.load_balancing.test_certificate import NEW_CERTIFICATE, RECORD, VALIDATION

LISTENER_CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate"
DOMAIN = "app.example.com"


def _app(routes: tuple[dict[str, Any], ...]) -> App:
    expose = {"routes": routes}
    written = app(None).model_dump(by_alias=True, exclude_unset=True)
    return App.model_validate({**written, "expose": expose})


APPS = {
    "web": app("/"),
    "api": _app(
        (
            {"host": "api.example.com"},
            {"host": "*.example.com", "path": "/v1"},
            {"host": "api.example.com", "path": "/status", "exact": True},
        )
    ),
    "docs": _app(({"host": "api.example.com", "path": "/docs/v1"}, {"path": "/docs"})),
}


def summary(lb: Deployed) -> list[tuple[str, list[str], list[str]]]:
    """Returns app, hosts and paths of each rule, in the order of the priorities."""
    apps = {arn_of(lb, name): name for name in APPS}
    found: list[tuple[str, list[str], list[str]]] = []
    for rule in rules(lb):
        values = {key: each["values"] for c in rule["conditions"] for key, each in c.items()}
        name = apps[rule["actions"][0]["targetGroupArn"]]
        found.append((name, values.get("hostHeader", []), values.get("pathPattern", [])))
    return found


def test_the_most_specific_rule_comes_first() -> None:
    assert summary(balancing(apps=APPS)) == [
        ("api", ["api.example.com"], ["/status"]),
        ("docs", ["api.example.com"], ["/docs/v1", "/docs/v1/*"]),
        ("api", ["api.example.com"], []),
        ("api", ["*.example.com"], ["/v1", "/v1/*"]),
        ("docs", [], ["/docs", "/docs/*"]),
    ]


def test_a_rule_has_the_name_of_its_priority() -> None:
    """A rule cannot get the priority of another rule, which AWS refuses while both exist."""
    lb = balancing(apps=APPS)
    for each in lb.of_type("aws:lb/listenerRule:ListenerRule"):
        assert each.name == f"lb-rule-{each.inputs['priority']:.0f}"


def test_route_53_checks_apps_without_a_route_for_all_hosts_at_the_load_balancer() -> None:
    lb = balancing(apps=APPS, health_paths={"web": "/readyz", "api": "/readyz"})
    first, *others = summary(lb)
    assert first == ("api", [lb.shown()["dns_name"]], ["/readyz"])
    assert others == summary(balancing(apps=APPS)), "web receives its health checks at /"


def test_pods_depend_on_all_rules_of_their_app() -> None:
    lb = balancing(apps=APPS)
    arn = arn_of(lb, "api")
    names = {
        each.name
        for each in lb.of_type("aws:lb/listenerRule:ListenerRule")
        if each.inputs["actions"][0]["targetGroupArn"] == arn
    }
    ready = {urn.rpartition("::")[2] for urn in lb.shown()["ready"]["api"]}
    assert len(names) == 3
    assert names <= ready
    assert "lb-http" not in ready


def test_the_url_of_an_app_is_that_of_its_first_route() -> None:
    urls = balancing(apps=APPS, domain=DOMAIN, certificate=CERTIFICATE).shown()["urls"]
    assert urls == {
        "web": "https://app.example.com/",
        "api": "https://api.example.com/",
        "docs": "https://api.example.com/docs/v1",
    }


def test_each_host_has_a_certificate_that_its_record_validates() -> None:
    hosts = ("*.example.org", "api.example.com", "b.a.example.org")
    lb = balancing(domain=DOMAIN, hosts=hosts, zones={"example.com": "ZCOM", "example.org": "ZORG"})
    names = {each.inputs["domainName"] for each in lb.of_type(NEW_CERTIFICATE)}
    assert names == {DOMAIN, *hosts}
    zones = {each.name: each.inputs["zoneId"] for each in lb.of_type(RECORD)}
    assert zones == {
        "lb-validation": "Z0123456789",
        "lb-*.example.org-validation": "ZORG",
        "lb-api.example.com-validation": "ZCOM",
        "lb-b.a.example.org-validation": "ZORG",
    }
    attached = {each.inputs["certificateArn"] for each in lb.of_type(LISTENER_CERTIFICATE)}
    issued = {each.inputs["certificateArn"] for each in lb.of_type(VALIDATION)}
    assert attached == issued - {listener(lb, 443)["certificateArn"]}
    https = lb.id_of(lb.one(LISTENER, "lb-https"))
    assert {e.inputs["listenerArn"] for e in lb.of_type(LISTENER_CERTIFICATE)} == {https}


def test_existing_certificates_are_added_to_the_listener_once() -> None:
    shop = CERTIFICATE.replace("/1", "/2")
    lb = balancing(
        domain=DOMAIN,
        certificates={
            "shop.example.com": shop,
            "*.example.org": shop,
            "x.example.com": CERTIFICATE,
        },
    )
    added = {each.name: each.inputs["certificateArn"] for each in lb.of_type(LISTENER_CERTIFICATE)}
    assert added == {"lb-*.example.org": shop, "lb-x.example.com": CERTIFICATE}


def test_without_a_domain_hosts_have_no_certificate() -> None:
    lb = balancing()
    assert lb.of_type(NEW_CERTIFICATE) == lb.of_type(LISTENER_CERTIFICATE) == []


def test_redirects_keep_path_and_query() -> None:
    [rule] = rules(balancing(redirects={"www.example.com": "example.com"}))
    assert rule["conditions"] == [{"hostHeader": {"values": ["www.example.com"]}}]
    redirect = {"host": "example.com", "statusCode": "HTTP_301"}
    assert rule["actions"] == [{"type": "redirect", "redirect": redirect}], (
        "the defaults of AWS keep protocol, port, path and query"
    )


OFFICE = ("2001:db8::/32", "203.0.113.0/24")


def conditions(rule: dict[str, Any]) -> dict[str, list[str]]:
    return {key: each["values"] for c in rule["conditions"] for key, each in c.items()}


def test_an_app_with_source_ranges_answers_other_clients_with_403() -> None:
    office = app("/office", expose={"sourceRanges": OFFICE})
    lb = balancing(apps={"web": app("/"), "office": office})
    *allowed, other = rules(lb)
    paths = ["/office", "/office/*"]
    assert sorted(conditions(each)["sourceIp"] for each in allowed) == [[each] for each in OFFICE]
    assert [conditions(each)["pathPattern"] for each in allowed] == [paths, paths]
    groups = {each["actions"][0]["targetGroupArn"] for each in allowed}
    assert groups == {arn_of(lb, "office")}
    assert conditions(other) == {"pathPattern": paths}, "the last rule is for all other clients"
    assert other["actions"][0]["fixedResponse"]["statusCode"] == "403"
    ready = {urn.rpartition("::")[2] for urn in lb.shown()["ready"]["office"]}
    assert {f"lb-rule-{each['priority']:.0f}" for each in allowed} <= ready


def test_an_app_with_source_ranges_can_receive_all_requests() -> None:
    lb = balancing(apps={"web": app("/", expose={"sourceRanges": OFFICE[1:]})})
    [rule] = rules(lb)
    assert conditions(rule) == {"sourceIp": ["203.0.113.0/24"]}
    [default] = listener(lb, 80)["defaultActions"]
    assert default["fixedResponse"]["statusCode"] == "403"


def test_route_53_reaches_an_app_with_source_ranges() -> None:
    """Its health checkers request the DNS name of the load balancer from their own addresses."""
    office = app("/", expose={"sourceRanges": OFFICE})
    lb = balancing(apps={"web": office}, health_paths={"web": "/readyz"})
    check, *_ = rules(lb)
    assert conditions(check) == {
        "hostHeader": [lb.shown()["dns_name"]], "pathPattern": ["/readyz"],
    }  # fmt: skip
    assert check["actions"][0]["targetGroupArn"] == arn_of(lb, "web")
