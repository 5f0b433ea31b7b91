"""Paths of exposed workloads: each request has one receiver."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    WEB,
    Change,
    accepted,
    assert_problem,
    changed,
    every_stack,
    exposed,
    refused,
)


@every_stack
@pytest.mark.parametrize(
    ("one", "other"), [("/api", "/api/v2"), ("/api/v2", "/api"), ("/api", "/api/v2/users")]
)
def test_paths_of_apps_can_be_nested(tmp_path: Path, stack: str, one: str, other: str):
    changes: list[Change] = [((APPS, "first"), exposed(one)), ((APPS, "second"), exposed(other))]

    settings = accepted(tmp_path, stack, *changes)

    assert settings.load_balancer("public").health_check_apps == ("web",)


@every_stack
def test_no_two_apps_have_the_same_path(tmp_path: Path, stack: str):
    text = changed(stack, ((APPS, "first"), exposed("/api")), ((APPS, "second"), exposed("/api")))

    message = "first has the same path; write another path"
    key = f"{APPS}.second.expose.path"
    assert_problem(refused(tmp_path, stack, text), key, "/api", message)


@every_stack
def test_only_one_app_has_the_root_path(tmp_path: Path, stack: str):
    text = changed(stack, ((APPS, "api"), exposed("/")))

    problems = refused(tmp_path, stack, text)

    message = "web has the same path; write another path"
    assert_problem(problems, f"{APPS}.api.expose.path", "/", message)


def test_no_workload_has_to_be_exposed_at_the_root_path(tmp_path: Path):
    probes: Change = ((*WEB, "probes"), {"readiness": {"path": "/web/ready"}})
    settings = accepted(tmp_path, "prod", ((*WEB, "expose"), {"path": "/web"}), probes)

    assert settings.load_balancer("public").health_check_apps == ("web",), (
        "the health of the cell depends on all exposed"
    )


def test_health_checks_of_the_cell_reach_an_exposed_path(tmp_path: Path):
    problems = refused(tmp_path, "prod", changed("prod", ((*WEB, "expose"), {"path": "/web"})))

    assert_problem(
        problems,
        f"{APPS}.web.probes.readiness.path",
        "/readyz",
        "Route 53 checks the health of the cell at this path, but the load balancer answers the "
        "path with status 404; write a path that the load balancer sends to web",
    )


@every_stack
@pytest.mark.parametrize("path", ["/web", "/api"])
def test_health_checks_of_the_cell_reach_the_critical_app(tmp_path: Path, stack: str, path: str):
    """The readiness path of app api is /ready, which the load balancer sends to app web."""
    api: Change = ((APPS, "api"), exposed(path, critical=True))

    problems = refused(tmp_path, stack, changed(stack, api))

    key = f"{APPS}.api.probes.readiness.path"
    assert_problem(
        problems,
        key,
        "/ready",
        "Route 53 checks the health of the cell at this path, but the load balancer sends the path "
        "to web; write a path that the load balancer sends to api",
    )
    there = {"readiness": {"path": f"{path}/ready"}}
    settings = accepted(tmp_path, stack, api, ((APPS, "api", "probes"), there))
    assert settings.load_balancer("public").health_check_apps == ("api",)
    accepted(tmp_path, stack, api, ((APPS, "api", "critical"), False))


@every_stack
def test_health_checks_of_the_cell_reach_the_app_at_the_root_path(tmp_path: Path, stack: str):
    api: Change = ((APPS, "api"), exposed("/readyz"))

    problems = refused(tmp_path, stack, changed(stack, api))

    assert_problem(
        problems,
        f"{APPS}.web.probes.readiness.path",
        "/readyz",
        "Route 53 checks the health of the cell at this path, but the load balancer sends the path "
        "to api; write a path that the load balancer sends to web",
    )
