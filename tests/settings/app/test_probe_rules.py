"""How an app is asked for its health: one question each, and readiness acts first."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    CACHE,
    WEB,
    Change,
    accepted,
    assert_one,
    changed,
    every_stack,
    fragment,
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
def test_an_app_is_asked_in_any_way(
    tmp_path: Path, stack: str, which: str, probe: dict[str, object]
):
    accepted(tmp_path, stack, (PROBES, {which: probe}))


@every_stack
@pytest.mark.parametrize("which", ["liveness", "readiness"])
@pytest.mark.parametrize(
    "asked",
    [{"path": "/", "grpc": ""}, {"grpc": "", "command": ["a"]}, {"path": "/", "command": ["a"]}],
    ids=" and ".join,
)
def test_a_probe_asks_one_question(
    tmp_path: Path, stack: str, which: str, asked: dict[str, object]
):
    problems = refused(tmp_path, stack, changed(stack, (PROBES, {which: asked})))

    assert_one(problems, f"{KEY}.{which}", asked, fragment("at most one of path, grpc and command"))


@every_stack
@pytest.mark.parametrize("which", ["liveness", "readiness"])
def test_a_probe_asks_a_port_that_there_is(tmp_path: Path, stack: str, which: str):
    asked: Change = (PROBES, {which: {"port": "admin"}})

    problems = refused(tmp_path, stack, changed(stack, asked))

    assert_one(problems, f"{KEY}.{which}.port", "admin", fragment("one of its ports: app"))
    accepted(tmp_path, stack, asked, ((*CACHE, "otherPorts"), {"admin": 81}))


@every_stack
def test_an_answer_is_waited_for_no_longer_than_to_the_next_question(tmp_path: Path, stack: str):
    def asked(timeout: int) -> Change:
        return PROBES, {"readiness": {"timeoutSeconds": timeout, "failures": 1}}

    problems = refused(tmp_path, stack, changed(stack, asked(6)))

    assert_one(
        problems, f"{KEY}.readiness.timeoutSeconds", 6, fragment("at most periodSeconds, 5 s")
    )
    accepted(tmp_path, stack, asked(5))


@every_stack
@pytest.mark.parametrize(
    ("liveness", "readiness", "said", "than"),
    [
        ({"failures": 1}, {}, "1 × 10s + 2s = 12s", "2 × 5s + 2s = 12s"),
        ({}, {"failures": 7}, "3 × 10s + 2s = 32s", "7 × 5s + 2s = 37s"),
        (
            {"periodSeconds": 1, "timeoutSeconds": 1, "failures": 1}, {},
            "1 × 1s + 1s = 2s", "2 × 5s + 2s = 12s",
        ),
    ],
)  # fmt: skip
def test_requests_stop_before_the_container_does(
    tmp_path: Path,
    stack: str,
    liveness: dict[str, int],
    readiness: dict[str, int],
    said: str,
    than: str,
):
    probes: Change = (PROBES, {"liveness": liveness, "readiness": readiness})

    problems = refused(tmp_path, stack, changed(stack, probes))

    assert_one(
        problems,
        f"{KEY}.liveness",
        liveness,
        fragment(f"more than readiness takes, {than}"),
    )


@every_stack
def test_liveness_may_act_right_after_readiness(tmp_path: Path, stack: str):
    soon = {"periodSeconds": 13, "failures": 1, "timeoutSeconds": 1}

    accepted(tmp_path, stack, (PROBES, {"liveness": soon, "readiness": {}}))


@every_stack
@pytest.mark.parametrize(
    "probes",
    [{}, {"liveness": {"path": "/healthz"}}, {"readiness": {"grpc": ""}}],
    ids=["no probes", "another", "another question"],
)
def test_the_load_balancer_asks_an_exposed_app_by_http(
    tmp_path: Path, stack: str, probes: dict[str, object]
):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "probes"), probes)))

    key = f"{APPS}.web.probes.readiness.path"
    assert_one(problems, key, None, fragment("a path: the load balancer asks"))
    accepted(tmp_path, stack, (PROBES, probes))


@every_stack
def test_the_load_balancer_asks_an_exposed_app_at_its_main_port(tmp_path: Path, stack: str):
    admin: Change = ((*WEB, "otherPorts"), {"admin": 81})
    probes = {"readiness": {"path": "/readyz", "port": "admin"}}

    problems = refused(tmp_path, stack, changed(stack, admin, ((*WEB, "probes"), probes)))

    key = f"{APPS}.web.probes.readiness.port"
    assert_one(problems, key, "admin", fragment("app, its main port"))
