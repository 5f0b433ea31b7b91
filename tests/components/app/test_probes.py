"""Probes, preStop hook and progress deadline of an app."""

from typing import Any

import pytest

from tests.components.app.deployed_apps import (
    DEPLOYMENT,
    EXPOSED,
    app,
    container,
    deployed,
    pod,
    singleton,
)

KINDS = {"httpGet", "tcpSocket", "grpc", "exec"}
PORTS = {"otherPorts": {"health": 9000}}


@pytest.mark.parametrize(
    ("settings", "kind", "handler"),
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
def test_each_probe_has_one_handler(settings: Any, kind: str, handler: Any) -> None:
    other = "tcpSocket" if kind == "httpGet" else "httpGet"
    other_probe = {} if other == "tcpSocket" else {"path": "/other"}
    for probe, neighbor in (("liveness", "readiness"), ("readiness", "liveness")):
        main = container(probes={probe: settings, neighbor: other_probe}, **PORTS)
        assert {key: main[f"{probe}Probe"][key] for key in KINDS & set(main[f"{probe}Probe"])} == {
            kind: handler
        }
        assert other in main[f"{neighbor}Probe"]
        startup = KINDS & set(main["startupProbe"])
        assert startup == ({kind} if probe == "liveness" else {other}), (
            "liveness would use another handler than startup"
        )


def test_probes_have_the_periods_and_timeouts_of_the_stack_file() -> None:
    main = container(
        probes={
            "readiness": {"periodSeconds": 7, "timeoutSeconds": 3, "failures": 4},
            "liveness": {"periodSeconds": 20, "timeoutSeconds": 6, "failures": 5},
        }
    )
    for probe, expected in (("readiness", (7, 3, 4)), ("liveness", (20, 6, 5))):
        own = main[f"{probe}Probe"]
        assert (own["periodSeconds"], own["timeoutSeconds"], own["failureThreshold"]) == expected


def test_a_failing_pod_loses_traffic_before_it_is_restarted() -> None:
    main = container()
    ready, live = main["readinessProbe"], main["livenessProbe"]
    assert ready["periodSeconds"] * ready["failureThreshold"] == 10
    assert live["periodSeconds"] * live["failureThreshold"] == 30


@pytest.mark.parametrize(
    ("seconds", "timeout", "period", "failures"),
    [(5, 2, 2, 3), (60, 1, 2, 30), (61, 2, 2, 31), (1800, 2, 2, 900), (60, 7, 7, 9)],
)
def test_the_startup_probe_allows_the_startup_seconds(
    seconds: int, timeout: int, period: int, failures: int
) -> None:
    settings = {"startupSeconds": seconds, "liveness": {"timeoutSeconds": timeout}}
    probe = container(probes=settings)["startupProbe"]
    assert (probe["periodSeconds"], probe["failureThreshold"]) == (period, failures)
    assert probe["timeoutSeconds"] == timeout
    assert seconds <= period * failures < seconds + period


def test_a_pre_stop_command_replaces_the_sleep() -> None:
    pre_stop = {"preStop": {"command": ("/app", "--leave"), "seconds": 33}, **EXPOSED}
    spec = pod(longestRequestSeconds=10, **pre_stop)
    (main,) = spec["containers"]
    assert main["lifecycle"] == {"preStop": {"exec": {"command": ["/app", "--leave"]}}}
    assert spec["terminationGracePeriodSeconds"] == 33 + 10 + 5


def seconds(timeouts: Any, key: str) -> int:
    return int(timeouts[key].removesuffix("s"))


def test_the_progress_deadline_covers_node_start_and_health_checks() -> None:
    spec = app(probes={"startupSeconds": 100}).one(DEPLOYMENT).inputs["spec"]
    assert spec["progressDeadlineSeconds"] == 600 + 120 + 100 + 9 + 15


def test_the_progress_deadline_of_a_volume_covers_the_termination_of_the_old_pod() -> None:
    without = deployed(singleton()).one(DEPLOYMENT).inputs["spec"]
    volume = {"path": "/data", "size": "1Gi"}
    spec = deployed(singleton(volume=volume)).one(DEPLOYMENT).inputs["spec"]
    grace = spec["template"]["spec"]["terminationGracePeriodSeconds"]
    assert without["progressDeadlineSeconds"] == 600 + 120 + 60 + 9 + 15 + grace
    assert spec["progressDeadlineSeconds"] == without["progressDeadlineSeconds"] + 300
