"""Annotations of an Ingress as settings of `expose`."""

from pathlib import Path

import pytest

from tests.tools.importer.case import Object, imported, service
from tests.tools.importer.test_ingresses import Capsys, ingress, site
from tools.importer.fields import Fields
from tools.importer.ingress_annotations import annotated
from tools.importer.ports import Ports
from tools.importer.read_files import Manifest
from tools.importer.report import Report

ATTRIBUTES = "alb:target-group-attributes"


def named(annotations: dict[str, str]) -> dict[str, str]:
    """Returns annotations with the prefixes of their controllers instead of alb: and nginx:."""
    return {
        key.replace(":", ".ingress.kubernetes.io/", 1): value for key, value in annotations.items()
    }


def settings_of(annotations: dict[str, str], **spec: object) -> tuple[Object, list[str]]:
    """Returns settings and report of an Ingress of an app with a main port and two others."""
    ports, report = Ports(), Report()
    for number, name in ((8080, "http"), (9000, "admin"), (9001, None)):
        ports.add(number, name)
    ports.choose(8080)
    values: Object = {"metadata": {"annotations": named(annotations)}, "spec": spec}
    manifest = Manifest(
        file="f", kind="Ingress", name="web", namespace="", fields=Fields(values, where="f")
    )
    found = annotated(manifest, ports, report.of("Ingress/web"))
    return found, [each.message for each in report.notes]


@pytest.mark.parametrize(
    ("annotations", "wanted"),
    [
        ({}, {}),
        ({"alb:scheme": "internal"}, {"internal": True}),
        ({"alb:scheme": "internet-facing"}, {}),
        ({"alb:inbound-cidrs": "10.0.0.0/8, 2001:db8::/32"},
         {"sourceRanges": ["10.0.0.0/8", "2001:db8::/32"]}),
        ({"alb:inbound-cidrs": "0.0.0.0/0"}, {}),
        ({"nginx:whitelist-source-range": "203.0.113.9,10.1.2.3/8"},
         {"sourceRanges": ["203.0.113.9/32", "10.0.0.0/8"]}),
        ({"nginx:allowlist-source-range": "10.0.0.0/8"}, {"sourceRanges": ["10.0.0.0/8"]}),
        ({"alb:healthcheck-path": "/up", "alb:success-codes": "200-399"},
         {"healthCheck": {"path": "/up", "codes": "200-399"}}),
        ({"alb:healthcheck-port": "9000"}, {"healthCheck": {"port": "admin"}}),
        ({"alb:healthcheck-port": "admin"}, {"healthCheck": {"port": "admin"}}),
        ({"alb:healthcheck-port": "traffic-port"}, {}),
        ({"alb:healthcheck-port": "8080"}, {}),
        ({"alb:backend-protocol-version": "GRPC"}, {"protocol": "grpc"}),
        ({"alb:backend-protocol-version": "HTTP2"}, {"protocol": "http2"}),
        ({"alb:backend-protocol-version": "HTTP1", "alb:backend-protocol": "HTTP"}, {}),
        ({"nginx:backend-protocol": "GRPC"}, {"protocol": "grpc"}),
        ({ATTRIBUTES: "stickiness.enabled=true,stickiness.lb_cookie.duration_seconds=60"},
         {"stickySeconds": 60}),
        ({ATTRIBUTES: "stickiness.enabled=true"}, {"stickySeconds": 86400}),
        ({ATTRIBUTES: "stickiness.enabled=false"}, {}),
        ({ATTRIBUTES: "load_balancing.algorithm.type=least_outstanding_requests"},
         {"algorithm": "leastOutstandingRequests"}),
        ({ATTRIBUTES: "load_balancing.algorithm.type=round_robin,slow_start.duration_seconds=30"},
         {"slowStartSeconds": 30}),
        ({"nginx:affinity": "cookie", "nginx:session-cookie-max-age": "7200",
          "nginx:session-cookie-name": "s", "nginx:affinity-mode": "balanced"},
         {"stickySeconds": 7200}),
    ],
)  # fmt: skip
def test_annotations_become_settings(annotations: dict[str, str], wanted: Object) -> None:
    assert settings_of(annotations) == (wanted, [])


@pytest.mark.parametrize(
    ("annotations", "wanted", "note"),
    [
        ({"alb:inbound-cidrs": "office"}, {}, "office is no network"),
        ({"alb:healthcheck-port": "none"}, {}, "no container has a port named none"),
        ({"alb:backend-protocol": "HTTPS"}, {}, "the load balancer sends plain HTTP to the pods"),
        ({"nginx:backend-protocol": "GRPCS"}, {"protocol": "grpc"},
         "the load balancer sends plain HTTP to the pods"),
        ({ATTRIBUTES: "deregistration_delay.timeout_seconds=5"}, {},
         "the deregistration delay follows from longestRequestSeconds"),
        ({ATTRIBUTES: "a.b=c"}, {}, "there is no setting for a.b=c"),
        ({ATTRIBUTES: "load_balancing.algorithm.type=weighted_random"}, {},
         "there is no setting for load_balancing.algorithm.type=weighted_random"),
        ({ATTRIBUTES: "stickiness.enabled=true,stickiness.type=app_cookie"},
         {"stickySeconds": 86400}, "the cookie is one of the load balancer"),
        ({"nginx:affinity": "cookie"}, {"stickySeconds": 86400},
         "a sticky session has a duration; 86400s is written in stickySeconds"),
    ],
)  # fmt: skip
def test_what_no_setting_says_is_a_line(
    annotations: dict[str, str], wanted: Object, note: str
) -> None:
    found, [line] = settings_of(annotations)
    assert found == wanted
    assert line.startswith(note)


def test_an_ingress_of_the_class_alb_is_internal_by_default() -> None:
    found, [line] = settings_of({}, ingressClassName="alb")
    assert found == {"internal": True}, "a private app would be on the internet"
    assert line.startswith("the default is internal")
    assert settings_of({"kubernetes.io/ingress.class": "alb"})[0] == {"internal": True}
    assert settings_of({"alb:scheme": "internet-facing"}, ingressClassName="alb") == ({}, [])
    assert settings_of({}, ingressClassName="nginx") == ({}, [])


def test_an_app_is_reached_by_an_internal_and_a_public_ingress(
    tmp_path: Path, capsys: Capsys
) -> None:
    internal, public = ({"alb:scheme": each} for each in ("internal", "internet-facing"))
    found = imported(
        tmp_path,
        capsys,
        *site("web"),
        ingress("web", "/", named(public), host="www.example.com"),
        ingress("web", "/", named(internal), host="web.corp.example.com"),
        *site("tool"),
        ingress(
            "tool",
            "/",
            named({**internal, "alb:backend-protocol-version": "HTTP2"}),
            host="tool.example.com",
        ),
    )
    assert {name: app["expose"] for name, app in found.entries["ha-eks:apps"].items()} == {
        "web": {"routes": [{"path": "/"}, {"path": "/", "internal": True}]},
        "tool": {
            "routes": [{"host": "tool.example.com", "path": "/"}],
            "internal": True,
            "protocol": "http2",
        },
    }
    assert "web.corp.example.com is assumed" in "".join(found.notes)
    assert "write it in ha-eks:traffic.internal" in "".join(found.notes)


def test_other_annotations_are_lines_that_say_what_to_write(tmp_path: Path, capsys: Capsys) -> None:
    lost = {
        "alb:certificate-arn": "loadBalancing.certificate",
        "alb:load-balancer-attributes": "loadBalancing.idleTimeoutSeconds",
        "alb:healthcheck-interval-seconds": "the program sets this",
        "alb:ip-address-type": "loadBalancing.ipAddressType",
        "alb:wafv2-acl-arn": "loadBalancing.waf.webAcl",
        "alb:security-groups": "loadBalancing.sourceRanges",
        "alb:actions.redirect": "loadBalancing.redirects",
        "alb:listen-ports": "extension",
        "nginx:rewrite-target": "the app must serve it",
        "nginx:proxy-read-timeout": "longestRequestSeconds",
        "nginx:limit-rps": "loadBalancing.waf.requestsPerFiveMinutes",
    }
    silent = ("alb:target-type", "alb:group.order", "alb:ssl-redirect", "nginx:ssl-redirect")
    annotations = dict.fromkeys((*lost, *silent), "8443")
    found = imported(tmp_path, capsys, *site("web"), ingress("web", "/", named(annotations)))
    assert found.entries["ha-eks:apps"]["web"]["expose"] == {"path": "/"}
    assert len(found.notes) == len(lost)
    for key, words in lost.items():
        place = f"metadata.annotations.{next(iter(named({key: ''})))}: "
        assert [each for each in found.notes if place in each and words in each], key


def test_two_ingresses_of_an_app_cannot_differ_in_a_setting_of_all_routes(
    tmp_path: Path, capsys: Capsys
) -> None:
    first, second = (named({"alb:inbound-cidrs": f"10.{n}.0.0/16"}) for n in (1, 2))
    documents = [
        *site("web"),
        ingress("web", "/a", first),
        ingress("web", "/b", second, host="b.example.com"),
    ]
    found = imported(tmp_path, capsys, *documents, service("other"))
    assert found.entries["ha-eks:apps"]["web"]["expose"]["sourceRanges"] == ["10.1.0.0/16"]
    assert [each for each in found.notes if "another value of expose.sourceRanges" in each]
