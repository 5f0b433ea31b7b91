"""Tests of the rules for probes: one check each, and readiness fails before liveness."""

from pathlib import Path

import pytest

from settings.workload.served import TargetCheck
from tests.settings.stack_files import (
    APPS,
    CACHE,
    WEB,
    Change,
    accepted,
    app,
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
        "this path, or to expose.healthCheck.path",
    )
    accepted(tmp_path, stack, (PROBES, probes))


def test_the_load_balancer_can_check_a_management_port(tmp_path: Path) -> None:
    admin: Change = ((*WEB, "otherPorts"), {"admin": 81})
    probes: Change = ((*WEB, "probes"), {"readiness": {"path": "/readyz", "port": "admin"}})

    web = accepted(tmp_path, "dev", admin, probes).apps["web"]

    assert web.health_check == TargetCheck(path="/readyz", port="admin", codes="200")
    assert web.balanced_ports == {"app": 9898, "admin": 81}
    problems = refused(tmp_path, "prod", changed("prod", admin, probes))
    assert_problem(
        problems,
        f"{APPS}.web.expose.dnsHealthPath",
        None,
        "required, because the load balancer checks another port: Route 53 checks the health of "
        "the cell at this path of the main port",
    )
    path: Change = ((*WEB, "expose", "dnsHealthPath"), "/up/")
    assert accepted(tmp_path, "prod", admin, probes, path).load_balancer("public").health_paths == {
        "web": "/up/"
    }


def test_the_port_of_a_health_check_is_a_port_of_the_app(tmp_path: Path) -> None:
    check: Change = ((*WEB, "expose", "healthCheck"), {"port": "admin"})

    problems = refused(tmp_path, "dev", changed("dev", check))

    message = "must be the name of a port of the pods: app"
    assert_problem(problems, f"{APPS}.web.expose.healthCheck.port", "admin", message)


def test_a_health_check_has_its_own_path_and_codes(tmp_path: Path) -> None:
    check: Change = ((*WEB, "expose", "healthCheck"), {"path": "/ht/", "codes": "200-399"})

    settings = accepted(tmp_path, "prod", check, ((*WEB, "probes"), {}))

    assert settings.apps["web"].health_check == TargetCheck(
        path="/ht/", port="app", codes="200-399"
    )
    assert settings.load_balancer("public").health_paths == {"web": "/ht/"}


@pytest.mark.parametrize("codes", ["", "20x", "200-", "2000", "200;204"])
def test_codes_of_a_health_check_are_lists_and_ranges(tmp_path: Path, codes: str) -> None:
    check: Change = ((*WEB, "expose", "healthCheck"), {"codes": codes})

    problems = refused(tmp_path, "dev", changed("dev", check))

    message = "must be status codes such as 200, 200,204 or 200-399"
    assert_problem(problems, f"{APPS}.web.expose.healthCheck.codes", codes, message)


@pytest.mark.parametrize(
    ("codes", "part"),
    [("200,503", "503"), ("399-200", "399-200"), ("0", "0"), ("200-599", "200-599")],
)
def test_codes_of_a_health_check_are_those_that_aws_accepts(
    tmp_path: Path, codes: str, part: str
) -> None:
    check: Change = ((*WEB, "expose", "healthCheck"), {"codes": codes})
    problems = refused(tmp_path, "dev", changed("dev", check))
    message = (
        f"{part} is refused by AWS; write codes from 200 to 499, and the lower one first in a range"
    )
    assert_problem(problems, f"{APPS}.web.expose.healthCheck.codes", codes, message)


def test_a_grpc_app_is_checked_by_the_grpc_protocol_and_needs_https(tmp_path: Path) -> None:
    api: Change = ((APPS, "api"), app(expose={"path": "/shop.v1.Cart", "protocol": "grpc"}))

    settings = accepted(tmp_path, "prod", api)

    assert settings.apps["api"].health_check == TargetCheck(
        path="/grpc.health.v1.Health/Check", port="app", codes="0"
    )
    problems = refused(tmp_path, "dev", changed("dev", api))
    assert_problem(
        problems,
        f"{APPS}.api.expose.protocol",
        "grpc",
        "grpc needs HTTPS; write http1, a domain in traffic, or the ARN of a certificate in "
        "loadBalancing.certificate",
    )


def test_route_53_requests_no_path_if_a_grpc_app_decides_on_the_health(tmp_path: Path) -> None:
    expose = {"path": "/shop.v1.Cart", "protocol": "grpc"}
    further: Change = ((APPS, "api"), app(expose=expose))
    deciding: Change = ((APPS, "api"), app(expose=expose, critical=True))

    requested = accepted(tmp_path, "prod", further).load_balancer("public")
    assert requested.health_paths == {"web": "/readyz"}
    read = accepted(tmp_path, "prod", deciding).load_balancer("public")
    assert (read.read_by_metrics, read.health_paths) == (True, {})
