"""Scenarios of a drill."""

from typing import Any

import yaml

from tools.drills import node_model
from tools.drills.scenarios import common
from tools.recording.record import ROOT


def delay_of(stage: str) -> int:
    text = (ROOT / "tools" / "drills" / "stages.yaml").read_text(encoding="utf-8")
    stages: dict[str, Any] = {each["metadata"]["name"]: each for each in yaml.safe_load_all(text)}
    return stages[stage]["spec"]["delay"]["durationMilliseconds"]


def test_the_start_time_of_a_pod_is_that_of_the_simulated_kubelet() -> None:
    assert delay_of("pod-becomes-ready") == 1000 * common.POD_START


def test_a_node_exists_before_it_is_ready_for_the_time_of_the_model() -> None:
    assert delay_of("node-becomes-ready") == 1000 * node_model.JOIN_SECONDS
