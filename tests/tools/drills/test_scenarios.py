"""Scenarios of a drill."""

from typing import Any

import pytest
import yaml

from tools.drills import __main__ as command
from tools.drills import node_model, recorded
from tools.drills.scenarios import LONG, SCENARIOS, Scenario, common
from tools.recording.record import ROOT
from tools.toolchain import HAPROXY


def stage(name: str) -> dict[str, Any]:
    text = (ROOT / "tools" / "drills" / "stages.yaml").read_text(encoding="utf-8")
    stages: dict[str, Any] = {each["metadata"]["name"]: each for each in yaml.safe_load_all(text)}
    return stages[name]["spec"]


def delay_of(name: str) -> int:
    return stage(name)["delay"]["durationMilliseconds"]


def test_the_start_time_of_a_pod_is_that_of_the_simulated_kubelet() -> None:
    assert delay_of("pod-becomes-ready") == 1000 * common.POD_START


def test_a_node_accepts_pods_at_the_scan_after_its_readiness() -> None:
    seconds = node_model.JOIN_SECONDS - node_model.SCAN_SECONDS
    assert delay_of("node-becomes-ready") == 1000 * seconds


def test_pods_of_a_bad_release_do_not_become_ready() -> None:
    tag = common.NEVER_READY.rpartition(":")[2]
    rules = stage("pod-becomes-ready")["selector"]["matchExpressions"]
    assert [each["operator"] for each in rules if f'endswith(":{tag}")' in each["key"]] == [
        "DoesNotExist"
    ]


def test_the_long_scenarios_are_those_of_the_recorded_drill() -> None:
    every = recorded.read("prod")["scenarios"]
    alone = {name for name, each in SCENARIOS.items() if isinstance(each, Scenario) and each.alone}
    assert {name for name, each in every.items() if each["seconds"] > 80} - alone == {*LONG}


@pytest.mark.parametrize(
    ("ci", "present", "left_out"),
    [
        ("", False, {}),
        ("1", True, {}),
        (
            "1",
            False,
            {
                "provider": "pulumi-resource-kubernetes is not in the cache, and CI does not build "
                "it (up to 30 minutes)"
            },
        ),
    ],
)
def test_ci_does_not_build_the_kubernetes_provider(
    ci: str, present: bool, left_out: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(command, "is_present", lambda tool: present)
    assert command._left_out_by_ci(["zones", "provider"]) == left_out


def test_ci_leaves_out_what_needs_haproxy_if_haproxy_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "1")
    monkeypatch.setattr(command, "is_present", lambda tool: tool is not HAPROXY)
    assert command._left_out_by_ci(["zones", "termination", "impairment"]) == {
        "termination": "haproxy is not installed",
        "impairment": "haproxy is not installed",
    }
