"""Tests of the rules for probes: one check each, and readiness fails before liveness."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    CACHE,
    WEB,
    Change,
    accepted,
    assert_problem,
    changed,
    every_stack,
    refused,
)

PROBES = (*CACHE, "probes")
KEY = f"{APPS}.cache.probes"


@every_stack
@pytest.mark.parametrize(
    "probe",
    [{}, {"path": "/"}, {"grpc": ""}, {"grpc": "a.b.C"}, {"command": ["redis-cli", "ping"]}],
    ids=["TCP", "HTTP", "gRPC", "gRPC of a service", "a command"],
)
@pytest.mark.parametrize("which", ["liveness", "readiness"])
def test_a_probe_is_a_check_of_any_kind(
    tmp_path: Path, stack: str, which: str, probe: dict[str, object]
):
    accepted(tmp_path, stack, (PROBES, {which: probe}))


@every_stack
@pytest.mark.parametrize("which", ["liveness", "readiness"])
@pytest.mark.parametrize(
    ("probe", "fields"),
    [
        ({"path": "/", "grpc": ""}, "path and grpc"),
        ({"grpc": "", "command": ["a"]}, "grpc and command"),
        ({"path": "/", "command": ["a"]}, "path and command"),
        ({"path": "/", "grpc": "", "command": ["a"]}, "path, grpc and command"),
    ],
)
def test_a_probe_is_one_check(
    tmp_path: Path, stack: str, which: str, probe: dict[str, object], fields: str
):
    problems = refused(tmp_path, stack, changed(stack, (PROBES, {which: probe})))

    message = f"has {fields}; write only one of path, grpc and command"
    assert_problem(problems, f"{KEY}.{which}", probe, message)


@every_stack
@pytest.mark.parametrize("which", ["liveness", "readiness"])
def test_a_probe_checks_a_port_of_the_app(tmp_path: Path, stack: str, which: str):
    admin: Change = (PROBES, {which: {"port": "admin"}})
    http: Change = ((*CACHE, "otherPorts"), {"http": 81})

    problems = refused(tmp_path, stack, changed(stack, admin, http))

    message = "must be the name of a port of the pods: app, http"
    assert_problem(problems, f"{KEY}.{which}.port", "admin", message)
    accepted(tmp_path, stack, admin, ((*CACHE, "otherPorts"), {"admin": 81}))


@every_stack
def test_a_check_ends_before_the_next_one_starts(tmp_path: Path, stack: str):
    def probe(timeout: int) -> Change:
        return PROBES, {"readiness": {"timeoutSeconds": timeout, "failures": 1}}

    problems = refused(tmp_path, stack, changed(stack, probe(6)))

    assert_problem(
        problems,
        f"{KEY}.readiness.timeoutSeconds",
        6,
        "must be at most periodSeconds, 5: the next check would start before the response to the "
        "previous check",
    )
    accepted(tmp_path, stack, probe(5))


@every_stack
@pytest.mark.parametrize(
    ("liveness", "readiness", "sum_of_liveness", "sum_of_readiness"),
    [
        ({"failures": 1}, {}, "1 × 10s + 2s = 12s", "2 × 5s + 2s = 12s"),
        ({}, {"failures": 7}, "3 × 10s + 2s = 32s", "7 × 5s + 2s = 37s"),
        (
            {"periodSeconds": 1, "timeoutSeconds": 1, "failures": 1}, {},
            "1 × 1s + 1s = 2s", "2 × 5s + 2s = 12s",
        ),
    ],
)  # fmt: skip
def test_requests_stop_before_the_container_restarts(
    tmp_path: Path,
    stack: str,
    liveness: dict[str, int],
    readiness: dict[str, int],
    sum_of_liveness: str,
    sum_of_readiness: str,
):
    probes: Change = (PROBES, {"liveness": liveness, "readiness": readiness})

    problems = refused(tmp_path, stack, changed(stack, probes))

    assert_problem(
        problems,
        f"{KEY}.liveness",
        liveness,
        f"must take longer to fail than the readiness probe, but fails after {sum_of_liveness}, "
        f"and readiness after {sum_of_readiness}: requests must stop before the container "
        "restarts; raise periodSeconds or failures, or lower these values of the readiness probe",
    )


@every_stack
def test_liveness_may_fail_one_second_after_readiness(tmp_path: Path, stack: str):
    liveness = {"periodSeconds": 13, "failures": 1, "timeoutSeconds": 1}

    accepted(tmp_path, stack, (PROBES, {"liveness": liveness, "readiness": {}}))


@every_stack
@pytest.mark.parametrize(
    "probes",
    [{}, {"liveness": {"path": "/healthz"}}, {"readiness": {"grpc": ""}}],
    ids=["no probes", "a path for liveness only", "a readiness check of another kind"],
)
def test_the_load_balancer_checks_exposed_apps_by_http(
    tmp_path: Path, stack: str, probes: dict[str, object]
):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "probes"), probes)))

    assert_problem(
        problems,
        f"{APPS}.web.probes.readiness.path",
        None,
        "required with expose: the load balancer checks the health of pods with an HTTP request to "
        "this path",
    )
    accepted(tmp_path, stack, (PROBES, probes))


@every_stack
def test_the_load_balancer_checks_exposed_apps_on_their_main_port(tmp_path: Path, stack: str):
    admin: Change = ((*WEB, "otherPorts"), {"admin": 81})
    probes = {"readiness": {"path": "/readyz", "port": "admin"}}

    problems = refused(tmp_path, stack, changed(stack, admin, ((*WEB, "probes"), probes)))

    assert_problem(
        problems,
        f"{APPS}.web.probes.readiness.port",
        "admin",
        "must be app with expose: the load balancer sends requests and health checks only to that "
        "port",
    )
