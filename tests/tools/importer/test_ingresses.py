"""Ingresses of manifests as routes of apps."""

from pathlib import Path

import pytest

from settings import check
from tests.tools.importer.case import Object, deployment, imported, service
from tests.tools.importer.test_round_trip import CELL

Capsys = pytest.CaptureFixture[str]


def ingress(
    name: str, path: str, annotations: Object | None = None, host: str = "", **more: object
) -> Object:
    backend = {"service": {"name": name, "port": {"number": 80}}}
    paths = [{"path": path, "pathType": "Prefix", "backend": backend, **more}]
    return {
        "kind": "Ingress",
        "metadata": {"name": f"{host}{name}", "annotations": annotations or {}},
        "spec": {"rules": [{**({"host": host} if host else {}), "http": {"paths": paths}}]},
    }


def site(name: str) -> list[Object]:
    """Returns an app with a path for health checks, and its Service."""
    probe = {"httpGet": {"path": "/up", "port": 8080}}
    return [deployment(name, {"readinessProbe": probe}), service(name)]


@pytest.mark.parametrize(
    ("annotated", "wanted"),
    [
        ({}, {"path": "/", "healthCheck": {"path": "/", "codes": "200-399"}}),
        (
            {"alb.ingress.kubernetes.io/healthcheck-path": "/up"},
            {"path": "/", "healthCheck": {"path": "/up"}},
        ),
    ],
)
def test_an_exposed_app_without_a_path_to_check_gets_one(
    tmp_path: Path, capsys: Capsys, annotated: Object, wanted: Object
) -> None:
    found = imported(tmp_path, capsys, deployment(), service(), ingress("web", "/*", annotated))
    assert found.entries["ha-eks:apps"]["web"]["expose"] == wanted


def test_of_two_apps_at_one_path_the_first_is_exposed(tmp_path: Path, capsys: Capsys) -> None:
    documents = [
        each for n in ("web", "page") for each in (deployment(n), service(n), ingress(n, "/"))
    ]
    found = imported(tmp_path, capsys, *documents)
    apps = found.entries["ha-eks:apps"]
    assert [name for name, app in apps.items() if "expose" in app] == ["web"]
    assert (
        "not carried over: Deployment/page: expose.routes: web has the path / too; write another "
        "path"
    ) in found.notes


def test_hosts_and_paths_become_routes(tmp_path: Path, capsys: Capsys) -> None:
    found = imported(
        tmp_path,
        capsys,
        *site("shop"),
        ingress("shop", "/", host="*.example.org"),  # a pattern is no domain
        ingress("shop", "/shop", host="www.example.com"),
        *site("web"),
        ingress("web", "/v1", host="api.example.com"),
        ingress("web", "/", host="www.example.com"),
        ingress("web", "/about", host="www.example.com", pathType="Exact"),
    )
    apps = found.entries["ha-eks:apps"]
    assert apps["web"]["expose"] == {
        "routes": [
            {"host": "api.example.com", "path": "/v1"},
            {"path": "/"},
            {"path": "/about", "exact": True},
        ]
    }
    assert apps["shop"]["expose"] == {
        "routes": [{"host": "*.example.org", "path": "/"}, {"path": "/shop"}],
        "dnsHealthPath": "/shop",
    }
    domain = (
        "expose: www.example.com is assumed to be the domain of the cell; write it in "
        "ha-eks:traffic, or as host in expose.routes"
    )
    assert [each for each in found.notes if "expose" in each] == [
        f"not carried over: Deployment/shop: {domain}",
        "changed: Deployment/shop: expose: Route 53 checks /shop, because /up is not below it; "
        "write another path in expose.dnsHealthPath if the app answers with an error",
        f"not carried over: Deployment/web: {domain}",
    ]
    zone = "Z0123456789ABCDEFGHIJ"
    traffic = {
        "domain": "www.example.com",
        "hostedZoneId": zone,
        "policy": "latency",
        "zones": {"example.com": zone, "example.org": zone},
    }
    settings, problems = check({**CELL, **found.entries, "ha-eks:traffic": traffic})
    assert settings, problems


def test_sites_at_hosts_of_their_own_are_valid_together(tmp_path: Path, capsys: Capsys) -> None:
    names = ("first", "second")
    documents = [
        each
        for name in names
        for each in (*site(name), ingress(name, "/", host=f"{name}.example.com"))
    ]
    found = imported(tmp_path, capsys, *documents)
    assert found.status == 0, found.notes
    assert {name: app["expose"] for name, app in found.entries["ha-eks:apps"].items()} == {
        "first": {"path": "/"},
        "second": {"routes": [{"host": "second.example.com", "path": "/"}]},
    }


def test_a_host_is_a_route_if_another_app_has_all_hosts(tmp_path: Path, capsys: Capsys) -> None:
    found = imported(
        tmp_path,
        capsys,
        *site("web"),
        ingress("web", "/", host="www.example.com"),
        *site("page"),
        ingress("page", "/"),
    )
    assert {name: app["expose"] for name, app in found.entries["ha-eks:apps"].items()} == {
        "web": {"routes": [{"host": "www.example.com", "path": "/"}]},
        "page": {"path": "/"},
    }


@pytest.mark.parametrize(
    ("path", "more", "note"),
    [
        (
            "/api(/|$)(.*)",
            {},
            "/api(/|$)(.*) is a pattern; write a path that includes its requests in expose.routes",
        ),
        (
            "/metrics",
            {"backend": {"service": {"name": "web", "port": {"number": 81}}}},
            "/metrics leads to port 9090; the load balancer sends requests to port 8080 only",
        ),
        (
            "/old",
            {"backend": {"service": {"name": "old", "port": {"number": 80}}}},
            "/old leads to Service old, which selects no workload of these files",
        ),
    ],
)
def test_a_path_without_a_route_is_reported(
    tmp_path: Path, capsys: Capsys, path: str, more: Object, note: str
) -> None:
    app, _ = site("web")
    ports = [{"port": 80, "targetPort": 8080}, {"port": 81, "targetPort": 9090, "name": "admin"}]
    rules = ingress("web", "/")
    rules["spec"]["rules"] += ingress("web", path, **more)["spec"]["rules"]
    found = imported(tmp_path, capsys, app, service(ports=ports), rules)
    assert found.entries["ha-eks:apps"]["web"]["expose"] == {"path": "/"}
    assert found.notes == [f"not carried over: Ingress/web: spec.rules.http.paths: {note}"]
