"""How an app is asked for its health, how it ends, and how long it may take to come."""

from typing import Any

import pytest

from tests.components.app.test_app import DEPLOYMENT, EXPOSED, app, container, pod

KINDS = {"httpGet", "tcpSocket", "grpc", "exec"}
PORTS = {"otherPorts": {"health": 9000}}


@pytest.mark.parametrize(
    ("asked", "kind", "how"),
    [
        ({}, "tcpSocket", {"port": "app"}),
        ({"port": "health"}, "tcpSocket", {"port": "health"}),
        ({"path": "/ok"}, "httpGet", {"path": "/ok", "port": "app"}),
        ({"path": "/ok", "port": "health"}, "httpGet", {"path": "/ok", "port": "health"}),
        ({"grpc": ""}, "grpc", {"port": 8080, "service": ""}),
        ({"grpc": "a.v1.A", "port": "health"}, "grpc", {"port": 9000, "service": "a.v1.A"}),
        ({"command": ("/ok", "")}, "exec", {"command": ["/ok", ""]}),
    ],
)
def test_each_probe_asks_one_question_of_its_own(asked: Any, kind: str, how: Any) -> None:
    other = "tcpSocket" if kind == "httpGet" else "httpGet"
    beside = {} if other == "tcpSocket" else {"path": "/beside"}
    for probe, neighbour in (("liveness", "readiness"), ("readiness", "liveness")):
        main = container(probes={probe: asked, neighbour: beside}, **PORTS)
        assert {key: main[f"{probe}Probe"][key] for key in KINDS & set(main[f"{probe}Probe"])} == {
            kind: how
        }
        assert other in main[f"{neighbour}Probe"]
        startup = KINDS & set(main["startupProbe"])
        assert startup == ({kind} if probe == "liveness" else {other}), (
            "a pod would be alive by another answer than it started by"
        )


def test_a_probe_is_asked_as_often_and_waits_as_long_as_it_says() -> None:
    main = container(
        probes={
            "readiness": {"periodSeconds": 7, "timeoutSeconds": 3, "failures": 4},
            "liveness": {"periodSeconds": 20, "timeoutSeconds": 6, "failures": 5},
        }
    )
    for probe, said in (("readiness", (7, 3, 4)), ("liveness", (20, 6, 5))):
        own = main[f"{probe}Probe"]
        assert (own["periodSeconds"], own["timeoutSeconds"], own["failureThreshold"]) == said


def test_traffic_goes_before_the_container_does() -> None:
    main = container()
    ready, live = main["readinessProbe"], main["livenessProbe"]
    assert ready["periodSeconds"] * ready["failureThreshold"] == 10
    assert live["periodSeconds"] * live["failureThreshold"] == 30


@pytest.mark.parametrize(
    ("seconds", "timeout", "period", "failures"),
    [(5, 2, 2, 3), (60, 1, 2, 30), (61, 2, 2, 31), (1800, 2, 2, 900), (60, 7, 7, 9)],
)
def test_a_pod_may_take_its_startup_seconds_to_start_and_not_much_more(
    seconds: int, timeout: int, period: int, failures: int
) -> None:
    asked = {"startupSeconds": seconds, "liveness": {"timeoutSeconds": timeout}}
    probe = container(probes=asked)["startupProbe"]
    assert (probe["periodSeconds"], probe["failureThreshold"]) == (period, failures)
    assert probe["timeoutSeconds"] == timeout
    assert seconds <= period * failures < seconds + period


def test_a_command_of_the_app_s_own_stands_for_the_wait_before_term() -> None:
    given = {"preStop": {"command": ("/app", "--leave"), "seconds": 33}, **EXPOSED}
    spec = pod(longestRequestSeconds=10, **given)
    (main,) = spec["containers"]
    assert main["lifecycle"] == {"preStop": {"exec": {"command": ["/app", "--leave"]}}}
    assert spec["terminationGracePeriodSeconds"] == 33 + 10 + 5


def seconds(given: Any, key: str) -> int:
    return int(given[key].removesuffix("s"))


def test_a_rollout_may_take_a_node_a_start_and_the_load_balancer_s_checks() -> None:
    spec = app(probes={"startupSeconds": 100}).one(DEPLOYMENT).inputs["spec"]
    assert spec["progressDeadlineSeconds"] == 600 + 120 + 100 + 9 + 15


def test_the_pod_of_a_volume_also_has_to_wait_for_the_one_before_it() -> None:
    without = app().one(DEPLOYMENT).inputs["spec"]["progressDeadlineSeconds"]
    kept = {"volume": {"path": "/kept", "size": "1Gi"}}
    one = {"replicas": {"needed": 1, "min": 1, "max": 1}}
    spec = app(**kept, **one).one(DEPLOYMENT).inputs["spec"]
    grace = spec["template"]["spec"]["terminationGracePeriodSeconds"]
    assert spec["progressDeadlineSeconds"] >= without + grace
